import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { BACKOFF_MS, BACKOFF_MS_MAX, backoffMs, RETRY_AFTER_MS_MAX, SPREAD_MS } from './backoff.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('given a try that waiting may cure', () => {
  test.prop([fc.integer({ min: 1, max: 50 }), random])('then the wait doubles, within its bounds', (tries, chance) => {
    const longest = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (tries - 1));
    const waitMs = backoffMs(tries, chance);
    expect(waitMs).toBeGreaterThanOrEqual(longest / 2);
    expect(waitMs).toBeLessThanOrEqual(longest);
  });

  test.prop([fc.integer({ min: 1, max: RETRY_AFTER_MS_MAX }), random])(
    'when the service says how long, then no less, and all come back at different times',
    (retryAfterMs, chance) => {
      const waitMs = backoffMs(1, chance, retryAfterMs);
      expect(waitMs).toBeGreaterThanOrEqual(retryAfterMs);
      expect(waitMs).toBeLessThanOrEqual(retryAfterMs + SPREAD_MS);
    },
  );

  it('when the service asks for more than is worth it, then there is no wait', () => {
    expect(backoffMs(1, 0, RETRY_AFTER_MS_MAX + 1)).toBeUndefined();
  });

  it('when the service asks for no wait at all, then it is waited as without its word', () => {
    expect(backoffMs(1, 0, 0)).toBe(backoffMs(1, 0));
  });
});
