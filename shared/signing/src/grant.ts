import { hash } from 'node:crypto';
import type { Grant } from '@troupe/contract';
import canonicalize from 'canonicalize';
import { isSignature, pairKey, signatureOf, type Statement } from './pair-key.ts';
import type { RoleKeys } from './role-keys.ts';

const FROM = 'policy-guard';
const TO = 'tool-executor';

/**
 * SHA-256 (hex) of the arguments as canonical JSON (RFC 8785): equal arguments have equal digests, however they are
 * written. Undefined for what JSON cannot say (NaN, half a surrogate pair, a cycle).
 */
export function digestArguments(args: Readonly<Record<string, unknown>>): string | undefined {
  try {
    const json = canonicalize(args);
    return json === undefined ? undefined : hash('sha256', json, 'hex');
  } catch {
    return undefined;
  }
}

function statementOf(grant: Grant): Statement {
  const { tenant, run, task, call, tool, argumentsDigest, requester, policy, expiresAt } = grant;
  return ['troupe.grant.4', tenant, run, task, call, tool, argumentsDigest, requester, policy, expiresAt];
}

/** Signs grants as the guard, for the executor. The signature is base64url and deterministic. */
export function grantSigner(guard: RoleKeys): (grant: Grant) => string {
  const key = pairKey(guard, FROM, TO);
  return (grant) => signatureOf(key, statementOf(grant)).toString('base64url');
}

/** Checks grants as the executor. Never throws. */
export function grantVerifier(executor: RoleKeys): (grant: Grant, signature: string) => boolean {
  const key = pairKey(executor, FROM, TO);
  return (grant, signature) => isSignature(key, statementOf(grant), Buffer.from(signature, 'base64url'));
}
