import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const TENANTS = ['a', 'b', 'c'] as const;

type Step = { do: 'push'; tenant: string } | { do: 'shift' } | { do: 'remove'; nth: number };

const steps = fc.array(
  fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('push' as const), tenant: fc.constantFrom(...TENANTS) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('shift' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), nth: fc.nat(50) }) },
  ),
  { maxLength: 200 },
);

interface Waiting {
  tenant: string;
  nth: number;
}

/** Plays the steps on a queue and on a plain list of what waits; tells of each item that was taken, and what waited then. */
function play(
  taken: (item: Waiting | undefined, waiting: readonly Waiting[]) => void,
  played: readonly Step[],
  removed: (waiting: readonly Waiting[]) => void = () => {},
) {
  const queue = new FairQueue<Waiting>();
  let waiting: Waiting[] = [];
  for (const [nth, step] of played.entries()) {
    if (step.do === 'push') {
      const item = { tenant: step.tenant, nth };
      queue.push(step.tenant, item);
      waiting.push(item);
    } else if (step.do === 'shift') {
      const item = queue.shift();
      taken(item, waiting);
      waiting = waiting.filter((other) => other !== item);
    } else {
      const item = waiting[step.nth % Math.max(1, waiting.length)];
      if (item !== undefined) expect(queue.remove(item.tenant, item)).toBe(true);
      waiting = waiting.filter((other) => other !== item);
      removed(waiting);
    }
    expect([queue.size, queue.tenants]).toEqual([waiting.length, new Set(waiting.map(({ tenant }) => tenant)).size]);
  }
}

describe('given items of several tenants, pushed, taken and removed in any order', () => {
  test.prop([steps])(
    'then each that is taken is the oldest of its tenant, and something is if anything waits',
    (played) => {
      play((item, waiting) => {
        expect(item === undefined).toBe(waiting.length === 0);
        expect(item).toBe(waiting.find(({ tenant }) => tenant === item?.tenant));
      }, played);
    },
  );

  test.prop([steps])('then nobody has a second turn while a tenant waits for its first', (played) => {
    /** Turns that others had, since each tenant began to wait for its own. */
    const since = new Map<string, string[]>();
    const isWaiting = (tenant: string, waiting: readonly Waiting[]) => waiting.some((other) => other.tenant === tenant);
    play(
      (item, waiting) => {
        if (item === undefined) return;
        for (const tenant of TENANTS) {
          if (!isWaiting(tenant, waiting) || tenant === item.tenant) since.delete(tenant);
          else since.set(tenant, [...(since.get(tenant) ?? []), item.tenant]);
        }
        for (const turns of since.values()) expect(new Set(turns).size).toBe(turns.length);
      },
      played,
      (waiting) => {
        for (const tenant of TENANTS) if (!isWaiting(tenant, waiting)) since.delete(tenant);
      },
    );
  });
});

describe('given a queue', () => {
  it('when something is removed that does not wait, then it says so, and nothing changes', () => {
    const queue = new FairQueue<object>();
    const item = {};
    queue.push('a', item);
    expect([queue.remove('b', item), queue.remove('a', {}), queue.size]).toEqual([false, false, 1]);
  });

  it('when a tenant comes back at once after its turn, then those who wait are before it', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'b1']) queue.push(item.charAt(0), item);
    const taken = [queue.shift(), queue.shift()];
    queue.push('b', 'b2');
    taken.push(queue.shift(), queue.shift());
    expect(taken).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('when it was emptied, then it can be filled again', () => {
    const queue = new FairQueue<number>();
    const taken: (number | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      queue.push('a', round);
      taken.push(queue.shift(), queue.shift());
    }
    expect(taken).toEqual([0, undefined, 1, undefined, 2, undefined]);
  });
});
