import { generateKeyPairSync, hash } from 'node:crypto';
import type { Grant } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { digestArguments, grantSigner, grantVerifier, makeRoleKeys } from './index.ts';

const keys = () => {
  const of = makeRoleKeys('policy-guard', 'tool-executor');
  return { sign: grantSigner(of('policy-guard')), verify: grantVerifier(of('tool-executor')) };
};

const grant: Grant = {
  tenant: 'acme',
  run: '01990000-0000-7000-8000-000000000001',
  task: 't1',
  call: 'c1',
  tool: 'search_documents',
  argumentsDigest: digestArguments({ query: 'ferries' }) ?? '',
  requester: 'researcher',
  policy: 'test-1',
  expiresAt: 1_000,
};

describe('a grant', () => {
  it('verifies with the key that belongs to the one that signed it', () => {
    const { sign, verify } = keys();
    expect(verify(grant, sign(grant))).toBe(true);
  });

  it('does not verify with another key', () => {
    expect(keys().verify(grant, keys().sign(grant))).toBe(false);
  });

  it.each([
    { tenant: 'globex' },
    { run: '01990000-0000-7000-8000-000000000002' },
    { task: 't2' },
    { call: 'c2' },
    { tool: 'append_note' },
    { argumentsDigest: 'cd'.repeat(32) },
    { requester: 'writer' },
    { policy: 'test-2' },
    { expiresAt: 2_000 },
  ])('does not verify after a change of %o', (change) => {
    const { sign, verify } = keys();
    expect(verify({ ...grant, ...change }, sign(grant))).toBe(false);
  });

  it.each(['', 'x', 'AAAA', '!!!'])('does not verify with the signature %j, and does not throw', (signature) => {
    expect(keys().verify(grant, signature)).toBe(false);
  });
});

describe('keys', () => {
  it('of another kind, or missing, are refused with a sentence', () => {
    const guard = makeRoleKeys('policy-guard', 'tool-executor')('policy-guard');
    const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => grantSigner({ ...guard, privateKey: ed25519 })).toThrow('has to be X25519, not ed25519');
    expect(() => grantSigner({ ...guard, peers: {} })).toThrow(
      'policy-guard does not have the public key of tool-executor.',
    );
  });
});

describe('the digest of arguments', () => {
  it('does not depend on the order of keys', () => {
    expect(digestArguments({ a: 1, b: { c: 2, d: [3] } })).toBe(digestArguments({ b: { d: [3], c: 2 }, a: 1 }));
  });

  it('is that of RFC 8785: numbers and escapes have one spelling', () => {
    expect(digestArguments({ a: 1e21, b: 'é\u0001', c: -0 })).toBe(
      hash('sha256', '{"a":1e+21,"b":"é\\u0001","c":0}', 'hex'),
    );
  });

  it.each([[{ a: Number.NaN }], [{ a: '\ud800' }], [{ '\udc00': 1 }]])(
    'does not exist for what JSON cannot say, and nothing throws (%j)',
    (args) => {
      expect(digestArguments(args)).toBeUndefined();
    },
  );

  it('depends on every value and on the order of lists', () => {
    expect(digestArguments({ a: [1, 2] })).not.toBe(digestArguments({ a: [2, 1] }));
    expect(digestArguments({ a: '1' })).not.toBe(digestArguments({ a: 1 }));
  });
});
