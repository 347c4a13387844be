import { describe, expect, it } from 'vitest';
import { CHARGED_MS_MAX, CHARGED_MS_MIN, RunTime, UNKNOWN_MS } from './run-time.ts';

const run = (index: number) => `01990000-0000-7000-8000-${index.toString().padStart(12, '0')}`;

/** Runs that took so long, one after the other. */
function after(...tookMs: number[]): { runTime: RunTime; now: number } {
  const runTime = new RunTime();
  let now = 0;
  for (const [index, ms] of tookMs.entries()) {
    runTime.begun(run(index), now);
    now += ms;
    runTime.ended(run(index), now);
  }
  return { runTime, now };
}

describe('how long a run is taken to be in flight whose end is not seen', () => {
  it('is as long as others took lately, in the mean', () => {
    const { runTime, now } = after(500, ...Array.from({ length: 100 }, () => 300));
    expect(runTime.chargedMs(now)).toBeCloseTo(300, 0);
    expect(runTime.isKnown(now)).toBe(true);
  });

  it('is long while nobody was seen to end, or not for a while', () => {
    expect(new RunTime().chargedMs(0)).toBe(UNKNOWN_MS);
    const { runTime, now } = after(300);
    expect(runTime.isKnown(now + 10_000)).toBe(false);
    expect(runTime.chargedMs(now + 10_000)).toBe(UNKNOWN_MS);
  });

  it('is bounded', () => {
    const quick = after(1);
    expect(quick.runTime.chargedMs(quick.now)).toBe(CHARGED_MS_MIN);
    const slow = after(10 * CHARGED_MS_MAX);
    expect(slow.runTime.chargedMs(slow.now)).toBe(CHARGED_MS_MAX);
  });

  it('is learned from some of the runs: those whose end does not come are in the way for a minute', () => {
    const runTime = new RunTime();
    for (let index = 0; index < 256; index += 1) runTime.begun(run(index), 0);
    runTime.begun(run(1_000), 1);
    runTime.ended(run(1_000), 2);
    expect(runTime.isKnown(2)).toBe(false);
    runTime.begun(run(1_001), CHARGED_MS_MAX);
    runTime.ended(run(1_001), CHARGED_MS_MAX + 1);
    expect(runTime.isKnown(CHARGED_MS_MAX + 1)).toBe(true);
  });
});
