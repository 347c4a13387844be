import { describe, expect, it } from 'vitest';
import { BrokerClock } from './broker-clock.ts';

const AHEAD_MS = 2_000;

/** A clock of a machine that is two seconds behind the broker, and knows it. */
function corrected(): BrokerClock {
  const clock = new BrokerClock(() => 10_000);
  clock.sample(9_990, 10_000, 9_995 + AHEAD_MS);
  return clock;
}

describe('the clock of the broker', () => {
  it.each([-AHEAD_MS, AHEAD_MS])('is known after one sample, %i ms off', (offsetMs) => {
    const clock = new BrokerClock(() => 10_000);
    clock.sample(9_990, 10_000, 9_995 + offsetMs);
    expect(clock.now()).toBe(10_000 + offsetMs);
  });

  it.each([0, 1_000, 2_500, 4_999])(
    'is not forgotten for an append that took five seconds and was stored %i ms after it was sent',
    (storedAfterMs) => {
      const clock = corrected();
      clock.sample(20_000, 25_000, 20_000 + storedAfterMs + AHEAD_MS);
      expect(clock.now()).toBe(10_000 + AHEAD_MS);
    },
  );

  it('says how far it may be off: by half of the round trip', () => {
    const clock = new BrokerClock(() => 10_000);
    expect(clock.errorMs).toBe(Infinity);
    clock.sample(5_000, 10_000, 9_000);
    expect(clock.errorMs).toBe(2_500);
    clock.sample(9_990, 10_000, 9_995);
    expect(clock.errorMs).toBeLessThan(500);
  });

  it('is corrected even by a long append when it is further off than that can explain', () => {
    const clock = new BrokerClock(() => 10_000);
    clock.sample(5_000, 10_000, 7_500 - 120_000);
    expect(Math.abs(clock.now() - (10_000 - 120_000))).toBeLessThanOrEqual(2_500);
  });
});
