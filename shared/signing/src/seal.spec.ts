import { decode, encode, SealedEvidence } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { evidenceSealer, makeRoleKeys, sealVerifier } from './index.ts';

const RUN = { tenant: 'acme', run: '01990000-0000-7000-8000-000000000001' };
const OTHERS = [
  { ...RUN, run: '01990000-0000-7000-8000-000000000002' },
  { ...RUN, tenant: 'globex' },
];
const keys = makeRoleKeys('supervisor', 'policy-guard', 'tool-executor');
const seal = evidenceSealer(keys('tool-executor'));
const readers = ['supervisor', 'policy-guard'].map((name) => [name, sealVerifier(keys(name))] as const);
const passage = { path: 'a.md', startLine: 3, endLine: 5, text: 'Ferries sail.' };

describe.each(readers)('a seal, read by %s', (name, isSealed) => {
  it('is good for exactly the passage that was sealed, again and again', () => {
    const sealed = seal(RUN, passage);
    expect([isSealed(RUN, sealed), isSealed(RUN, sealed), isSealed(RUN, { ...sealed })]).toEqual([true, true, true]);
  });

  it.each(OTHERS)('is not good in another run (%o), whether it was read before or not', (other) => {
    const sealed = seal(RUN, passage);
    expect(isSealed(other, sealed)).toBe(false);
    expect(isSealed(RUN, sealed)).toBe(true);
    expect(isSealed(other, sealed)).toBe(false);
  });

  it.each([
    { path: 'b.md' },
    { startLine: 2 },
    { endLine: 6 },
    { text: 'Ferries sink.' },
    { seal: '' },
    { seal: 'AA' },
  ])('is not good after a change to %o', (change) => {
    expect(isSealed(RUN, { ...seal(RUN, passage), ...change })).toBe(false);
  });

  it('is not good when another executor made it', () => {
    const other = evidenceSealer(makeRoleKeys('supervisor', 'policy-guard', 'tool-executor')('tool-executor'));
    expect(isSealed(RUN, other(RUN, passage))).toBe(false);
  });

  it('is not good when the other reader made it, who shares a key with the executor', () => {
    const other = name === 'supervisor' ? 'policy-guard' : 'supervisor';
    const { privateKey, peers } = keys(other);
    const forged = evidenceSealer({ name: 'tool-executor', privateKey, peers });
    expect(isSealed(RUN, forged(RUN, passage))).toBe(false);
  });
});

describe('seals', () => {
  it('hold for a text that was cut within a character, when it arrives', () => {
    const sent = seal(RUN, { ...passage, text: 'a ferry \ud83d' });
    const [[, isSealed] = ['', () => false]] = readers;
    expect(isSealed(RUN, SealedEvidence.parse(decode(encode(sent))))).toBe(true);
  });

  it('are for those who judge sources, not for those who write', () => {
    expect(() => sealVerifier({ ...keys('supervisor'), name: 'writer' })).toThrow('not for writer');
  });
});
