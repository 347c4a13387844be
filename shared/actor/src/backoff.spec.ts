import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('the pause before the next try', () => {
  it.each([
    [1, 0, 50],
    [1, 1, 100],
    [2, 0, 100],
    [6, 0, 1_600],
    [7, 0, 2_500],
    [7, 1, 5_000],
    [1_000, 1, 5_000],
  ])('of attempt %i with random %i is %i ms', (attempt, random, pauseMs) => {
    expect(backoffMs(attempt, random)).toBe(pauseMs);
  });

  it('is whole, at least 50 ms and at most 5 s', () => {
    const attempt = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(attempt, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (tries, random) => {
        const pauseMs = backoffMs(tries, random);
        expect(Number.isInteger(pauseMs)).toBe(true);
        expect(pauseMs).toBeGreaterThanOrEqual(50);
        expect(pauseMs).toBeLessThanOrEqual(5_000);
      }),
      { seed: 1 },
    );
  });
});
