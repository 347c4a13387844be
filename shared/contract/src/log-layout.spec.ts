import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogLayout, runsStream, SHARDS_MAX } from './log-layout.ts';
import { parseRunSubject } from './subjects.ts';

const RUN = '01990000-0000-7000-8000-00000000abcd';
const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const ordinal = fc.nat({ max: 999_999 });
const address = fc.record({ tenant: token, run: fc.uuid(), task: token, from: token, to: token, ordinal });
const shards = fc.integer({ min: 1, max: SHARDS_MAX });

describe('the shards of a log', () => {
  it.each([1, 4, SHARDS_MAX])('may be %i, each with a stream of its own', (count) => {
    const { streams } = new LogLayout(count);
    expect(new Set(streams).size).toBe(count);
    expect([streams[0], streams.at(-1)]).toEqual(['RUNS_0', runsStream(count - 1)]);
  });

  it.each([0, -1, SHARDS_MAX + 1, 1.5, Number.NaN, Infinity])('are not %d', (count) => {
    expect(() => new LogLayout(count)).toThrow(RangeError);
    expect(() => new LogLayout(count)).toThrow(/has to be a whole number from 1 to 64/);
  });
});

describe('the shard of a run', () => {
  // Pinned: with another rule nobody would find the runs that are in the log of an installation.
  it.each([
    ['01990000-0000-7000-8000-000000000001', 1, 1],
    ['01990000-0000-7000-8000-00000000abcd', 1, 13],
    ['019a1b2c-3d4e-7f50-8a6b-7c8d9eafb0c1', 1, 1],
    ['f47ac10b-58cc-4372-a567-0e02b2c3d479', 1, 57],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 3, 63],
  ])('of %s is %i of 4 and %i of 64', (run, ofFour, ofMost) => {
    expect(new LogLayout(4).shardOf(run)).toBe(ofFour);
    expect(new LogLayout(SHARDS_MAX).shardOf(run)).toBe(ofMost);
    expect(new LogLayout(1).shardOf(run)).toBe(0);
    expect(new LogLayout(4).streamOf(run)).toBe(`RUNS_${ofFour}`);
  });

  it('does not depend on how its ID is written', () => {
    expect(new LogLayout(SHARDS_MAX).shardOf(RUN.toUpperCase())).toBe(new LogLayout(SHARDS_MAX).shardOf(RUN));
  });

  it('is one that there is, for every run and every number of shards', () => {
    fc.assert(
      fc.property(fc.uuid(), shards, (run, count) => {
        const layout = new LogLayout(count);
        expect(layout.streams).toContain(layout.streamOf(run));
      }),
      { seed: 1 },
    );
  });

  it.each([2, 3, 4, 7, SHARDS_MAX])('is each of %i about as often as the others', (count) => {
    const layout = new LogLayout(count);
    const each = 1_000;
    const runs = fc.sample(fc.noBias(fc.uuid({ version: 7 })), { seed: 1, numRuns: each * count });
    const found = Map.groupBy(runs, (run) => layout.shardOf(run));
    expect(found.size).toBe(count);
    // Five standard deviations of a fair choice.
    for (const { length } of found.values()) expect(Math.abs(length - each)).toBeLessThan(5 * Math.sqrt(each));
  });
});

describe('the subject of a message', () => {
  it('is read back with the shard that its run is of', () => {
    fc.assert(
      fc.property(address, shards, (place, count) => {
        const layout = new LogLayout(count);
        expect(parseRunSubject(layout.message(place))).toEqual({ shard: layout.shardOf(place.run), ...place });
      }),
      { seed: 1 },
    );
  });

  it('is in the run of its tenant, and in none of another with the same ID', () => {
    const layout = new LogLayout(4);
    const [ours, theirs] = ['acme', 'other'].map((tenant) => ({ tenant, run: RUN }));
    const subject = layout.message({ tenant: 'acme', run: RUN, task: 't', from: 'supervisor', to: 'user', ordinal: 3 });
    const isIn = (pattern: string) => matches(pattern, subject);
    const scopes = ({ tenant, run }: { tenant: string; run: string }) => [
      layout.run({ tenant, run }),
      layout.result({ tenant, run }),
      layout.actor({ tenant, run, task: '*', role: 'supervisor' }),
      layout.sent({ tenant, run, task: 't', role: 'supervisor' }, 3),
      layout.received({ tenant, run }, { from: 'supervisor', task: 't', ordinal: 3 }, 'user'),
    ];
    expect(ours && scopes(ours).map(isIn)).toEqual([true, true, true, true, true]);
    expect(theirs && scopes(theirs).map(isIn)).toEqual([false, false, false, false, false]);
    expect(isIn(layout.runOfAnybody(RUN))).toBe(true);
  });
});

/** NATS matching of one subject with `*` for one token and `>` for all that follow. */
function matches(pattern: string, subject: string): boolean {
  const expected = pattern
    .replaceAll('.', String.raw`\.`)
    .replaceAll('*', '[^.]+')
    .replace('>', '.+');
  return new RegExp(`^${expected}$`).test(subject);
}
