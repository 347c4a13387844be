import { describe, expect, it } from 'vitest';
import { makeRoleKeys } from './index.ts';
import { pairKey } from './pair-key.ts';

const keys = makeRoleKeys('policy-guard', 'tool-executor', 'supervisor');

describe('the key of a pair', () => {
  const forward = pairKey(keys('policy-guard'), 'policy-guard', 'tool-executor');

  it('is the same on both sides', () => {
    expect(pairKey(keys('tool-executor'), 'policy-guard', 'tool-executor').equals(forward)).toBe(true);
  });

  it('is another in the other direction: what one signs is never what the other signed', () => {
    expect(pairKey(keys('policy-guard'), 'tool-executor', 'policy-guard').equals(forward)).toBe(false);
  });

  it('is another for another reader', () => {
    expect(pairKey(keys('policy-guard'), 'policy-guard', 'supervisor').equals(forward)).toBe(false);
  });
});
