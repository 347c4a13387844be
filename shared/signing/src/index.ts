export { digestArguments, grantSigner, grantVerifier } from './grant.ts';
