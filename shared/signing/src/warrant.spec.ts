import { describe, expect, it } from 'vitest';
import { makeRoleKeys, warrantSigner, warrantVerifier } from './index.ts';

const keys = makeRoleKeys('supervisor', 'policy-guard', 'tool-executor');
const sign = warrantSigner(keys('supervisor'));
const isWarrant = warrantVerifier(keys('policy-guard'));

const holder = {
  run: '01990000-0000-7000-8000-000000000001',
  task: 't1',
  tenant: 'default',
  assignee: 'researcher',
};
const terms = { tools: ['search_documents', 'calculate'], toolCalls: 6, deadlineAt: 1_000 };

describe('a warrant', () => {
  it('is good for the holder it was signed for', () => {
    expect(isWarrant(holder, sign(holder, terms))).toBe(true);
  });

  it.each([
    { run: '01990000-0000-7000-8000-000000000002' },
    { task: 't2' },
    { tenant: 'acme' },
    { assignee: 'writer' },
  ])('is good for nobody with another %o', (change) => {
    expect(isWarrant({ ...holder, ...change }, sign(holder, terms))).toBe(false);
  });

  it.each([
    { tools: ['search_documents'] },
    { tools: ['search_documentscalculate'] },
    { tools: [...terms.tools, 'append_note'] },
    { toolCalls: 7 },
    { deadlineAt: 2_000 },
    { signature: '' },
    { signature: 'A'.repeat(43) },
    { signature: '!' },
  ])('is not good after a change to %o', (change) => {
    expect(isWarrant(holder, { ...sign(holder, terms), ...change })).toBe(false);
  });

  it('is not good when the executor signed it, whose keys the guard knows too', () => {
    const { privateKey, peers } = keys('tool-executor');
    const forged = warrantSigner({ name: 'supervisor', privateKey, peers })(holder, terms);
    expect(isWarrant(holder, forged)).toBe(false);
  });
});
