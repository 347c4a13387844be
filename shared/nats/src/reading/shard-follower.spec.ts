import type { RunId } from '@troupe/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryShard } from './memory-shard.fixture.ts';
import { ALONE_MAX, ShardFollower } from './shard-follower.ts';

/** Longer than all looks after a wake-up take. */
const SETTLED_MS = 1_000;
/** More than a watcher holds while it reads what was before. */
const FLOOD = 5_000;

const runAt = (index: number): RunId => `019a1b2c-0000-7000-8000-${index.toString().padStart(12, '0')}`;
const RUN = runAt(0);
const OTHER = runAt(1);

let shard: MemoryShard;
let follower: ShardFollower;

beforeEach(() => {
  vi.useFakeTimers();
  shard = new MemoryShard();
  follower = new ShardFollower(shard);
});

afterEach(() => {
  vi.useRealTimers();
});

/** Lets all looks be over that somebody was woken for. */
const settle = () => vi.advanceTimersByTimeAsync(SETTLED_MS);

function watch(scope: RunId | 'all', after = 0) {
  const watching = shard.watcher(scope, after);
  follower.add(watching.watcher);
  return watching;
}

/** Watchers of other runs, so many that all share one reading. */
const crowd = () => Array.from({ length: ALONE_MAX + 1 }, (_, index) => watch(runAt(100 + index)));

describe('those who share a reading', () => {
  it('are given what left the shard before it was read: each looks for its own then', async () => {
    crowd();
    const { given } = watch(RUN);
    shard.store(RUN);
    await settle();
    // Nothing is read meanwhile, as if the connection were away.
    shard.lag.shard = 1_000;
    for (const run of [RUN, OTHER, RUN]) shard.store(run);
    await settle();
    expect(given).toEqual([1]);
    shard.left = 4;
    shard.lag.shard = 0;
    shard.store(OTHER);
    await settle();
    follower.poll();
    await settle();
    expect(given).toEqual([1, 2, 4]);
  });
});

describe('a few who watch runs', () => {
  it('are given what is behind their position and what comes, and other runs are not read', async () => {
    for (const run of [RUN, OTHER, RUN, OTHER]) shard.store(run);
    const [all, rest] = [watch(RUN), watch(RUN, 1)];
    await settle();
    shard.store(RUN);
    shard.store(OTHER);
    await settle();
    expect(all.given).toEqual([1, 3, 5]);
    expect(rest.given).toEqual([3, 5]);
    expect(shard.reads.shard).toBe(0);
  });

  it('look once more after a while for what the stream stores after it was heard', async () => {
    const { given } = watch(RUN);
    await settle();
    shard.lag.runs = 1;
    shard.store(RUN);
    await vi.advanceTimersByTimeAsync(30);
    expect(given).toEqual([]);
    shard.lag.runs = 0;
    await settle();
    expect(given).toEqual([1]);
  });

  it('read one time each when nothing has happened', async () => {
    for (const run of [RUN, OTHER]) watch(run);
    await settle();
    const before = shard.reads.runs;
    follower.poll();
    await settle();
    expect(shard.reads.runs).toBe(before + 2);
  });
});

describe('many who watch runs, or one who watches all', () => {
  it.each([
    ['many', () => crowd().map(({ watcher }) => watcher)],
    ['one', () => [watch('all').watcher]],
  ])('%s: share one reading of the shard, and none has one of its own', async (_who, come) => {
    come();
    const { given } = watch(RUN);
    await settle();
    const before = { ...shard.reads };
    follower.poll();
    await settle();
    expect(shard.reads).toEqual({ shard: before.shard + 1, runs: before.runs });
    for (const run of [RUN, OTHER, RUN]) shard.store(run);
    await settle();
    expect(given).toEqual([1, 3]);
    expect(shard.reads.runs).toBe(before.runs);
  });

  it('each is given what is behind its own position, also who comes later', async () => {
    for (let count = 0; count < 10; count += 1) shard.store(RUN);
    crowd();
    await settle();
    const late = [watch(RUN), watch(RUN, 7), watch('all', 9)];
    shard.store(OTHER);
    await settle();
    expect(late.map(({ given }) => given)).toEqual([shard.seqs(RUN, 0), [8, 9, 10], [10, 11]]);
  });

  it('one who is slow to read what was before misses nothing of what comes meanwhile, and keeps nobody waiting', async () => {
    for (const run of [RUN, RUN]) shard.store(run);
    const { given: quick } = watch('all');
    await settle();
    const open = shard.close();
    const { given } = watch(RUN);
    await settle();
    for (const run of [RUN, OTHER, RUN]) shard.store(run);
    await settle();
    expect(quick).toEqual([1, 2, 3, 4, 5]);
    expect(given).toEqual([1]);
    open();
    await settle();
    expect(given).toEqual([1, 2, 3, 5]);
  });

  it('one who is so slow that what comes cannot be kept reads on until it can', async () => {
    shard.store(RUN);
    watch('all');
    await settle();
    const open = shard.close();
    const { given } = watch(RUN);
    await settle();
    for (let count = 0; count < FLOOD; count += 1) shard.store(RUN);
    await settle();
    open();
    await settle();
    expect(given).toEqual(shard.seqs(RUN, 0));
  });

  it.each([
    ['has begun already', crowd],
    ['begins with it', () => undefined],
  ])(
    'what a lagging replica does not show who joins a reading that %s is given all the same',
    async (_when, before) => {
      for (let count = 0; count < 20; count += 1) shard.store(RUN);
      before();
      await settle();
      shard.lag.runs = 10;
      const { given } = watch(RUN);
      crowd();
      await settle();
      expect(given).toEqual(shard.seqs(RUN, 0));
    },
  );

  it('an exception of one is nothing to the others', async () => {
    const failing = shard.watcher('all', 0, new Error('a mistake'));
    follower.add(failing.watcher);
    const { given } = watch(RUN);
    await settle();
    for (const run of [RUN, RUN]) shard.store(run);
    await settle();
    expect([given, failing.given]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('when most have gone, who is left reads by itself and misses nothing', async () => {
    const others = crowd();
    const { given } = watch(RUN);
    shard.store(RUN);
    await settle();
    for (const { watcher } of others) await follower.stop(watcher);
    shard.store(RUN);
    await settle();
    expect(given).toEqual([1, 2]);
    const before = shard.reads.shard;
    follower.poll();
    await settle();
    expect(shard.reads.shard).toBe(before);
  });
});

describe('whoever comes and goes whenever, whatever is stored meanwhile', () => {
  const RUNS = 4;
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('store' as const), run: fc.nat({ max: RUNS - 1 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('watch' as const),
        run: fc.nat({ max: RUNS }),
        after: fc.nat({ max: 40 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), which: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('lag' as const), shard: fc.nat({ max: 20 }), runs: fc.nat({ max: 20 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('slow' as const), ms: fc.constantFrom(0, 5, 50) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('poll' as const) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 15, 60, 400) }) },
  );

  it('is given each entry behind its position once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
        shard = new MemoryShard();
        follower = new ShardFollower(shard);
        const there: { scope: RunId | 'all'; after: number; given: number[]; stop: () => Promise<void> }[] = [];
        for (const each of steps) {
          if (each.do === 'store') shard.store(runAt(each.run));
          if (each.do === 'watch') {
            const scope = each.run === RUNS ? 'all' : runAt(each.run);
            const { watcher, given } = watch(scope, each.after);
            there.push({ scope, after: each.after, given, stop: () => follower.stop(watcher) });
          }
          if (each.do === 'stop') void there.splice(each.which % Math.max(1, there.length), 1)[0]?.stop();
          if (each.do === 'lag') Object.assign(shard.lag, { shard: each.shard, runs: each.runs });
          if (each.do === 'slow') shard.answerMs = each.ms;
          if (each.do === 'poll') follower.poll();
          if (each.do === 'wait') await vi.advanceTimersByTimeAsync(each.ms);
        }
        Object.assign(shard.lag, { shard: 0, runs: 0 });
        follower.poll();
        await settle();
        follower.poll();
        await settle();
        for (const { scope, after, given } of there) expect(given).toEqual(shard.seqs(scope, after));
        void Promise.all(there.map(({ stop }) => stop()));
        await settle();
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
