export { digestArguments, grantSigner, grantVerifier } from './grant.ts';
export { makeRoleKeys } from './role-keys.ts';
export type { RoleKeys } from './role-keys.ts';
export { evidenceSealer, sealVerifier } from './seal.ts';
export { warrantSigner, warrantVerifier } from './warrant.ts';
export type { WarrantHolder, WarrantTerms } from './warrant.ts';
