import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import type { Token } from '@troupe/contract';
import type { RoleKeys } from './role-keys.ts';

const KEY_BYTES = 32;

/**
 * The key under which `from` signs for `to`. Only the two can derive it: each has its own private key and the other's
 * public one (X25519, then HKDF-SHA-256 with both names). A signature is an HMAC-SHA-256 under it: 25 times cheaper than
 * Ed25519, and as good where each reader is known beforehand. What a reader could forge, only itself would believe.
 * Throws a sentence if a key is missing or of another kind.
 */
export function pairKey(own: RoleKeys, from: Token, to: Token): KeyObject {
  const other = own.name === from ? to : from;
  const publicKey = own.peers[other];
  if (publicKey === undefined) throw new Error(`${own.name} does not have the public key of ${other}.`);
  const shared = diffieHellman({
    privateKey: x25519(createPrivateKey(own.privateKey), own.name),
    publicKey: x25519(createPublicKey(publicKey), other),
  });
  const derived = hkdfSync('sha256', shared, '', `troupe.sign.1 ${from} ${to}`, KEY_BYTES);
  return createSecretKey(Buffer.from(derived));
}

function x25519(key: KeyObject, name: Token): KeyObject {
  if (key.asymmetricKeyType !== 'x25519')
    throw new Error(`The key of ${name} has to be X25519, not ${key.asymmetricKeyType ?? 'unknown'}.`);
  return key;
}

/** What is signed: a purpose, so that no other signature can pass for this one, and values in a fixed order. */
export type Statement = readonly [purpose: `troupe.${string}`, ...values: (string | number | readonly string[])[]];

/** The signature of a statement: 32 bytes, deterministic. Its JSON says each statement in one way, and no two the same. */
export const signatureOf = (key: KeyObject, statement: Statement): Buffer =>
  createHmac('sha256', key).update(JSON.stringify(statement)).digest();

/** Whether `signature` is that of this statement. Takes the same time for every wrong one of the same length. */
export function isSignature(key: KeyObject, statement: Statement, signature: Uint8Array): boolean {
  const expected = signatureOf(key, statement);
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
