import { describe, expect, it } from 'vitest';
import { RunsInFlight } from './runs-in-flight.ts';

const TEN_MINUTES = 600_000;
const run = (index: number) => `01990000-0000-7000-8000-${index.toString().padStart(12, '0')}`;

describe('the runs of a tenant', () => {
  it('are in flight until their end is seen', () => {
    const runs = new RunsInFlight();
    runs.begin(run(1), true, 0);
    runs.begin(run(2), false, 0);
    expect([runs.end(run(1)), runs.end(run(2)), runs.end(run(2))]).toEqual([true, true, false]);
    expect(runs.size).toBe(0);
  });

  it('are forgotten by when they began last, and the elsewhere ones sooner', () => {
    const runs = new RunsInFlight();
    runs.begin(run(1), true, 0);
    runs.begin(run(2), true, 10);
    runs.begin(run(1), true, 20);
    runs.begin(run(3), false, 0);
    expect(runs.forget(500, 500)).toBe(1);
    expect(runs.size).toBe(2);
    runs.forget(TEN_MINUTES + 10, 500);
    expect(runs.size).toBe(1);
    runs.forget(TEN_MINUTES + 20, 500);
    expect(runs.size).toBe(0);
  });

  it('may all have ended elsewhere once that is in doubt', () => {
    const runs = new RunsInFlight();
    runs.begin(run(1), false, 20);
    runs.begin(run(2), true, 10);
    runs.doubt();
    expect(runs.forget(510, 500)).toBe(1);
    expect(runs.end(run(1))).toBe(true);
  });
});
