import type { Effect } from '@troupe/audit';
import { describe, expect, it } from 'vitest';
import { compareEffects } from './effects.ts';

const effect = (task: string, outcome: Effect['outcome']): Effect => ({
  run: 'r',
  task,
  call: 'c1',
  tool: 'append_note',
  outcome,
});
const line = (task: string) => ({ run: 'r', call: 'c1', text: `r/researcher.${task}/supervisor.${task}.0` });

describe('effects and ledger', () => {
  it('agree when each applied effect was done once; an unknown one may have been', () => {
    const ledger = [effect('t1', 'applied'), effect('t2', 'unknown'), effect('t3', 'unknown')];
    expect(compareEffects(ledger, [line('t1'), line('t2')])).toEqual({ done: 2, runsPerCallMax: 1, differences: [] });
  });

  it('differ when an applied effect was not done', () => {
    expect(compareEffects([effect('t1', 'applied')], []).differences).toEqual([
      'r t1 c1 is applied in the ledger and was not done',
    ]);
  });

  it.each([
    ['failed', [effect('t1', 'failed')]],
    ['nowhere', []],
    ['open', [effect('t1', 'open')]],
  ] as const)('differ when one was done that is %s in the ledger', (outcome, ledger) => {
    expect(compareEffects(ledger, [line('t1')]).differences).toEqual([
      `r t1 c1 was done and is ${outcome} in the ledger`,
    ]);
  });

  it('tell how often the most frequent one ran', () => {
    expect(compareEffects([effect('t1', 'applied')], [line('t1'), line('t1')])).toMatchObject({
      done: 1,
      runsPerCallMax: 2,
    });
  });
});
