import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';
import type { PublicKeys } from './server-config.ts';

const OWNER_ONLY = 0o600;

/** Identities besides the roles: `admin` makes streams, `viewer` is the command line, `system` is the server's own. */
const OPERATORS = ['admin', 'viewer', 'system'] as const;

const seedFile = (folder: string, name: string) => join(folder, `${name}.nk`);

/**
 * Makes sure that every role and operator has an nkey seed in `folder` (mode 600), and that the guard's signing key
 * pair is there. Existing keys are kept. Returns the public keys.
 */
export function ensureCredentials(folder: string, roles: readonly string[]): PublicKeys {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  ensureGrantKeys(folder);
  const names = [...roles, ...OPERATORS];
  return Object.fromEntries(names.map((name) => [name, ensureSeed(seedFile(folder, name))]));
}

function ensureSeed(file: string): string {
  if (!existsSync(file)) {
    writeFileSync(file, createUser().getSeed(), { mode: OWNER_ONLY });
    chmodSync(file, OWNER_ONLY);
  }
  return fromSeed(readFileSync(file)).getPublicKey();
}

/** The seed of one identity. Throws a sentence that says which file is missing. */
export function readSeed(folder: string, name: string): Uint8Array {
  const file = seedFile(folder, name);
  if (!existsSync(file))
    throw new Error(`There are no credentials for "${name}" in ${folder}. Make them with: npm run nats-auth`);
  return readFileSync(file);
}

const PRIVATE = 'grant-key.pem';
const PUBLIC = 'grant-key.pub.pem';

/** The guard's Ed25519 key pair: the private half is for the guard alone, the public one, which follows from it, for the executor. */
function ensureGrantKeys(folder: string): void {
  const { privateKey, publicKey } = grantKeyFiles(folder);
  if (!existsSync(privateKey)) {
    const pair = generateKeyPairSync('ed25519');
    writeFileSync(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: OWNER_ONLY });
  }
  const derived = createPublicKey(readFileSync(privateKey));
  writeFileSync(publicKey, derived.export({ type: 'spki', format: 'pem' }));
}

export const grantKeyFiles = (folder: string) => ({
  privateKey: join(folder, PRIVATE),
  publicKey: join(folder, PUBLIC),
});
