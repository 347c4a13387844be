import { describe, expect, it } from 'vitest';
import { sweepGoals } from './goal-sweeper.ts';

const storeWith = (first: number, upTo: number) => {
  const deleted: number[] = [];
  return {
    deleted,
    settled: () => Promise.resolve({ first, upTo }),
    delete: (seq: number) => {
      deleted.push(seq);
      return Promise.resolve();
    },
  };
};

describe('goals that were taken in', () => {
  it('leave, and those behind them stay', async () => {
    const store = storeWith(4, 6);
    expect(await sweepGoals(store)).toBe(3);
    expect(store.deleted).toEqual([4, 5, 6]);
  });

  it.each([
    ['the stream is empty', 7, 6],
    ['nobody has acked anything', 1, 0],
  ])('are none when %s', async (_what, first, upTo) => {
    const store = storeWith(first, upTo);
    expect([await sweepGoals(store), store.deleted]).toEqual([0, []]);
  });

  it('leave so many at a time, the oldest first', async () => {
    const store = storeWith(1, 100_000);
    expect(await sweepGoals(store)).toBe(8_192);
    expect(store.deleted.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 8_192 }, (_, index) => index + 1));
  });
});
