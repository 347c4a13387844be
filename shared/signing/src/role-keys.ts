import { generateKeyPairSync } from 'node:crypto';
import type { Token } from '@troupe/contract';

/** What one role signs and checks with: its private key, and the public ones of those it has to do with. X25519, PEM. */
export interface RoleKeys {
  name: Token;
  privateKey: string;
  peers: Readonly<Record<Token, string>>;
}

/**
 * Fresh keys for roles that all know each other: what `npm run nats-auth` writes to files, in memory. Returns what a
 * role of that name has.
 */
export function makeRoleKeys(...names: Token[]): (name: Token) => RoleKeys {
  const pairs = new Map(names.map((name) => [name, generateKeyPairSync('x25519')]));
  const peers = Object.fromEntries(
    [...pairs].map(([name, { publicKey }]) => [name, publicKey.export({ type: 'spki', format: 'pem' }).toString()]),
  );
  return (name) => {
    const pair = pairs.get(name);
    if (pair === undefined) throw new Error(`No keys were made for ${name}.`);
    return { name, privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), peers };
  };
}
