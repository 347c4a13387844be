import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';
import type { RoleDeclaration } from '@troupe/actor';
import { DEFAULT_TENANT, LogLayout, SHARDS_DEFAULT, Token } from '@troupe/contract';
import { ensureFolder, write } from './private-files.ts';

/** Identities besides the roles: `admin` makes streams, `viewer` is the command line, `system` is the server's own. */
const OPERATORS = ['admin', 'viewer', 'system'] as const;

/** Public nkeys per identity: role names, `admin`, `viewer`, `system`, and tenants' clients. */
export type PublicKeys = Readonly<Record<string, string>>;

/** What a server's configuration is made from, beside the roles. */
export interface Credentials {
  keys: PublicKeys;
  /** Shards of the log: fixed when the installation was made. */
  shards: number;
  /** Whose clients may come, the default tenant first. */
  tenants: Token[];
}

/** What of a role's declaration its credentials follow from. */
export type Trust = Pick<RoleDeclaration, 'name' | 'signs' | 'trusts'>;

/** All files of one identity are in one folder: its process needs that one and no other. */
const seedFile = (authDir: string, name: string) => join(authDir, name, 'nats.nk');
const shardsFile = (authDir: string, name: string) => join(authDir, name, 'shards');
const tenantsFile = (authDir: string, name: string) => join(authDir, name, 'tenants');
const signingKeyFile = (authDir: string, name: string) => join(authDir, name, 'signing-key.pem');
const peersFolder = (authDir: string, name: string) => join(authDir, name, 'peers');

/**
 * Makes sure that every role and operator has a folder in `authDir` with an nkey seed, and that roles that sign or
 * believe signatures have a signing key and the public keys of those they share messages with; each folder says how many
 * shards the log has. Files are for their owner alone. Existing keys are kept. Returns the public nkeys.
 *
 * `shards` is for a new installation: throws a sentence if an existing one has another number. `tenants` are added to
 * those that are there: each has a key for its clients.
 */
export function ensureCredentials(
  authDir: string,
  roles: readonly Trust[],
  shards?: number,
  tenants: readonly Token[] = [],
): Credentials {
  ensureFolder(authDir);
  const known = knownShards(authDir);
  if (known !== undefined && shards !== undefined && known !== shards)
    throw new Error(
      `The log of ${authDir} has ${known} shards. Their number cannot be changed: leave out --shards, or begin a new installation.`,
    );
  const { shards: chosen } = new LogLayout(known ?? shards ?? SHARDS_DEFAULT);
  const names = [...roles.map(({ name }) => name), ...OPERATORS];
  const all = [...new Set([DEFAULT_TENANT, ...knownTenants(authDir), ...tenants.map((tenant) => Token.parse(tenant))])];
  const keys = Object.fromEntries([...names, ...all.map(clientName)].map((name) => [name, ensureSeed(authDir, name)]));
  for (const name of names) {
    write(shardsFile(authDir, name), `${chosen}\n`);
    write(tenantsFile(authDir, name), `${all.join('\n')}\n`);
  }
  ensureSigningKeys(authDir, roles);
  return { keys, shards: chosen, tenants: all };
}

/** The name under which the clients of a tenant have their key: no role's can be the same, because of the dot. */
export const clientName = (tenant: Token): string => `tenant.${tenant}`;

const knownTenants = (authDir: string): Token[] =>
  readdirSync(authDir)
    .filter((name) => name.startsWith('tenant.'))
    .map((name) => name.slice('tenant.'.length))
    .toSorted();

const knownShards = (authDir: string): number | undefined =>
  existsSync(shardsFile(authDir, 'admin')) ? readShards(authDir, 'admin') : undefined;

function ensureSeed(authDir: string, name: string): string {
  ensureFolder(join(authDir, name));
  const file = seedFile(authDir, name);
  if (!existsSync(file)) write(file, createUser().getSeed());
  return fromSeed(readFileSync(file)).getPublicKey();
}

/** Public keys follow from the private ones, so they are written anew each time, and those that nobody needs any more go. */
function ensureSigningKeys(authDir: string, roles: readonly Trust[]): void {
  const publicKeys = new Map<string, string | Buffer>();
  const publicKeyOf = (name: string) => {
    const known = publicKeys.get(name) ?? ensureSigningKey(signingKeyFile(authDir, name));
    publicKeys.set(name, known);
    return known;
  };
  for (const { name } of roles) {
    const peers = peersOf(name, roles);
    const folder = peersFolder(authDir, name);
    if (peers.length > 0) {
      publicKeyOf(name);
      ensureFolder(folder);
      for (const peer of peers) write(join(folder, `${peer}.pem`), publicKeyOf(peer));
    }
    for (const file of existsSync(folder) ? readdirSync(folder) : [])
      if (!peers.includes(basename(file, '.pem'))) rmSync(join(folder, file));
  }
}

/** Those whom a role believes and those who believe it: a signature's key takes both sides. */
function peersOf(name: string, roles: readonly Trust[]): string[] {
  const own = roles.find((role) => role.name === name);
  const believed = own?.trusts ?? [];
  for (const signer of believed) {
    if (!roles.some((role) => role.name === signer && role.signs === true))
      throw new Error(`The role "${name}" trusts "${signer}", which does not declare that it signs.`);
  }
  const readers = roles.filter(({ trusts }) => trusts?.includes(name)).map((role) => role.name);
  return [...new Set([...believed, ...readers])].toSorted();
}

/** Returns the public half. */
function ensureSigningKey(file: string): string | Buffer {
  if (!existsSync(file))
    write(file, generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return createPublicKey(readFileSync(file)).export({ type: 'spki', format: 'pem' });
}

const missing = (name: string, what: string, authDir: string): Error =>
  new Error(`There ${what} for "${name}" in ${authDir}. Make them with: npm run nats-auth -- --out <folder>`);

/** The seed of one identity. Throws a sentence that says what is missing. */
export function readSeed(authDir: string, name: string): Uint8Array {
  const file = seedFile(authDir, name);
  if (!existsSync(file)) throw missing(name, 'are no credentials', authDir);
  return readFileSync(file);
}

function readShards(authDir: string, name: string): number {
  const file = shardsFile(authDir, name);
  if (!existsSync(file)) throw missing(name, 'is no number of shards', authDir);
  return Number(readFileSync(file, 'utf8'));
}

/** What the credentials of one identity say of the log. Throws a sentence if they do not. */
export function readLayout(authDir: string, name: string): LogLayout {
  const shards = readShards(authDir, name);
  const file = tenantsFile(authDir, name);
  if (!existsSync(file)) throw missing(name, 'are no tenants', authDir);
  return new LogLayout(shards, readFileSync(file, 'utf8').trim().split('\n'));
}

/** A role's own signing key and the public keys of its peers, by name (PEM), as `@troupe/signing` takes them. */
export interface SigningKeys {
  name: string;
  privateKey: string;
  peers: Readonly<Record<string, string>>;
}

/** The keys with which a role signs and checks signatures. Throws a sentence that says what is missing. */
export function readKeys(authDir: string, name: string): SigningKeys {
  const file = signingKeyFile(authDir, name);
  const folder = peersFolder(authDir, name);
  if (!existsSync(file) || !existsSync(folder)) throw missing(name, 'are no signing keys', authDir);
  const peers = readdirSync(folder).map((peer): [string, string] => [
    basename(peer, '.pem'),
    readFileSync(join(folder, peer), 'utf8'),
  ]);
  return { name, privateKey: readFileSync(file, 'utf8'), peers: Object.fromEntries(peers) };
}
