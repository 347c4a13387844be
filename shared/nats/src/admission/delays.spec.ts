import { describe, expect, it } from 'vitest';
import { Delays, meanDelay } from './delays.ts';

describe('the delay of messages', () => {
  it('is what they are later than the quickest, however far the clocks are apart', () => {
    for (const apartMs of [0, 45, -45]) {
      const delays = new Delays();
      for (const ms of [2, 12, 22]) delays.delivered(ms + apartMs, 0);
      expect(delays.take(0)).toEqual({ messages: 3, ms: 10 });
    }
  });

  it('is of what was seen since it was asked for', () => {
    const delays = new Delays();
    expect(delays.take(0)).toBeUndefined();
    delays.delivered(1, 0);
    delays.delivered(41, 0);
    expect(delays.take(0)?.ms).toBe(20);
    expect(delays.take(0)).toBeUndefined();
  });

  it('adds how long it takes to write one, above the quickest', () => {
    const delays = new Delays();
    delays.sent(0)(5);
    delays.sent(10)(35);
    delays.delivered(1, 40);
    delays.delivered(7, 40);
    expect(delays.take(40)?.ms).toBeCloseTo(10 + 3, 0);
  });

  it('counts what is being written for longer than the quickest took: a store that stands still answers nothing', () => {
    const delays = new Delays();
    delays.sent(0)(5);
    delays.take(5);
    const stored = delays.sent(100);
    expect(delays.take(104)).toBeUndefined();
    expect(delays.take(305)).toEqual({ messages: 1, ms: 200 });
    stored(400);
    stored(900);
    expect(delays.take(1_000)?.ms).toBeCloseTo(295, 0);
  });

  it('is bounded for each message: one that was stored before this process was there says nothing', () => {
    const delays = new Delays();
    delays.delivered(0, 0);
    delays.delivered(3_600_000, 0);
    expect(delays.take(0)?.ms).toBe(500);
  });

  it('forgets the quickest within minutes, when a clock was corrected', () => {
    const delays = new Delays();
    delays.delivered(0, 0);
    delays.take(0);
    delays.delivered(100, 1_000);
    expect(delays.take(1_000)?.ms).toBe(99);
    delays.delivered(100, 120_000);
    expect(delays.take(120_000)?.ms).toBe(0);
  });

  it('of several processes is that of a message, whoever had it', () => {
    expect(meanDelay(undefined, [])).toBe(0);
    expect(meanDelay({ messages: 300, ms: 10 }, [{ messages: 100, ms: 50 }])).toBe(20);
    expect(
      meanDelay(
        undefined,
        [20, 40].map((ms) => ({ messages: 100, ms })),
      ),
    ).toBe(30);
  });

  it('is no longer because of a process that tells of many messages than if these were as many as here', () => {
    expect(meanDelay({ messages: 100, ms: 10 }, [{ messages: 1_000_000, ms: 50 }])).toBe(30);
  });

  it('is no shorter than what was seen here, whatever others tell', () => {
    const others = Array.from({ length: 64 }, () => ({ messages: 1_000_000, ms: 0 }));
    expect(meanDelay({ messages: 100, ms: 40 }, others)).toBe(40);
  });
});
