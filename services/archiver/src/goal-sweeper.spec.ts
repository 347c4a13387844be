import { describe, expect, it } from 'vitest';
import { sweepGoals } from './goal-sweeper.ts';

const GOAL = 'troupe.goals.default';
const CANCELS = 'troupe.cancel.default.*';
const CANCEL = 'troupe.cancel.default.x';

function storeWith(subjects: readonly string[], floors: Record<string, number>) {
  const deleted: number[] = [];
  return {
    deleted,
    ackFloors: () => Promise.resolve(new Map(Object.entries(floors))),
    async *read() {
      await Promise.resolve();
      yield* subjects.map((subject, index) => ({ subject, seq: index + 1 }));
    },
    delete: (seq: number) => {
      deleted.push(seq);
      return Promise.resolve();
    },
  };
}

describe('goals and cancels that were taken in', () => {
  it('leave, and those behind them stay', async () => {
    const store = storeWith([GOAL, CANCEL, GOAL, GOAL, CANCEL], { [GOAL]: 3, [CANCELS]: 2 });
    expect(await sweepGoals(store)).toBe(3);
    expect(store.deleted).toEqual([1, 2, 3]);
  });

  it('are told by the consumer that they are for alone', async () => {
    const store = storeWith([GOAL, CANCEL, GOAL], { [CANCELS]: 3 });
    expect(await sweepGoals(store)).toBe(1);
    expect(store.deleted).toEqual([2]);
  });

  it.each<[string, Record<string, number>]>([
    ['nobody has acked anything', { [GOAL]: 0, [CANCELS]: 0 }],
    ['there is no consumer', {}],
    ['the consumers are for others', { 'troupe.goals.acme': 9, 'troupe.cancel.acme.*': 9 }],
  ])('are none when %s', async (_what, floors) => {
    const store = storeWith([GOAL, CANCEL], floors);
    expect([await sweepGoals(store), store.deleted]).toEqual([0, []]);
  });

  it('leave so many at a time, the oldest first', async () => {
    const store = storeWith(
      Array.from({ length: 10_000 }, () => GOAL),
      { [GOAL]: 10_000 },
    );
    expect(await sweepGoals(store)).toBe(8_192);
    expect(Math.max(...store.deleted)).toBe(8_192);
  });
});
