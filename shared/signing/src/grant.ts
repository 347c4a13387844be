import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { encode, type Grant } from '@troupe/contract';

/** SHA-256 (hex) of the arguments as JSON with sorted keys: equal arguments have equal digests, however they are written. */
export function digestArguments(args: Readonly<Record<string, unknown>>): string {
  return hash('sha256', canonicalJson(args), 'hex');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** The bytes that are signed: all fields in a fixed order behind a purpose, so that no other signature can pass for one. */
function bytesOf(grant: Grant): Uint8Array {
  const { run, task, call, tool, argumentsDigest, requester, policy, expiresAt } = grant;
  return encode(['troupe.grant.1', run, task, call, tool, argumentsDigest, requester, policy, expiresAt]);
}

/** Signs grants with an Ed25519 private key (PEM). The signature is base64url and, as Ed25519 is, deterministic. */
export function grantSigner(privateKeyPem: string): (grant: Grant) => string {
  const key = ed25519(createPrivateKey(privateKeyPem));
  return (grant) => sign(null, bytesOf(grant), key).toString('base64url');
}

/** Checks a signature with the guard's public key (PEM). Never throws. */
export function grantVerifier(publicKeyPem: string): (grant: Grant, signature: string) => boolean {
  const key = ed25519(createPublicKey(publicKeyPem));
  return (grant, signature) => verify(null, bytesOf(grant), key, Buffer.from(signature, 'base64url'));
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`The grant key has to be Ed25519, not ${key.asymmetricKeyType ?? 'unknown'}.`);
  return key;
}
