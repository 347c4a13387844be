import { decode, encode } from '@troupe/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { replicasSubject } from '../broker/access.ts';
import type { Bus } from '../bus/connect.ts';
import { Unreadable } from '../bus/unreadable.ts';
import { HomesRig, SHARDS, taker } from './homes.fixture.ts';
import { Replicas } from './replicas.ts';

/** What is told reaches the others long before somebody is taken for dead for being silent, which takes 2.5 s. */
const AT_ONCE = { timeout: 1_500, interval: 10 };
const IN_SOME_SECONDS = { timeout: 10_000, interval: 50 };
const EVERYWHERE = Array.from({ length: SHARDS }, (_, shard) => shard);
const SUBJECT = replicasSubject(taker.name);

let rig: HomesRig;
beforeAll(async () => void (rig = await HomesRig.start()));
afterAll(() => rig?.stop());

interface Replica {
  bus: Bus;
  replicas: Replicas;
  unreadable: Unreadable;
  /** How often it was told that its homes may be others now. */
  changes: number;
}

const running: Replica[] = [];
afterEach(async () => {
  for (const { replicas, bus } of running.splice(0)) {
    replicas.stop();
    bus.outbox.flush();
    await bus.nc.close();
  }
});

async function replica(build = 'v1'): Promise<Replica> {
  const bus = await rig.connect();
  const unreadable = new Unreadable();
  const onChange = () => void (made.changes += 1);
  const made: Replica = {
    bus,
    unreadable,
    changes: 0,
    replicas: new Replicas(bus, taker.name, { build, unreadable, onChange }),
  };
  running.push(made);
  await made.replicas.start();
  return made;
}

/** The shards where a replica is at home, as it believes. */
const homesOf = ({ replicas }: Replica): number[] => EVERYWHERE.filter((shard) => replicas.isHomeOf(shard));
/** The homes of all shards, as their replicas believe: with one home for each it is {@link EVERYWHERE}. */
const homes = (...all: Replica[]): number[] => all.flatMap(homesOf).toSorted((a, b) => a - b);

/** Says something to all replicas as a process of the role that is none of them. */
async function say(...beats: Uint8Array[]): Promise<void> {
  const bus = await rig.connect();
  for (const beat of beats) bus.nc.publish(SUBJECT, beat);
  await bus.nc.flush();
  await bus.nc.close();
}

const idOf = (index: number): string => `000000000-${index.toString(16).padStart(12, '0')}`;
const beat = (id: string, change: object = {}) => encode({ id, build: 'v1', kind: 'here', ...change });

describe('given one replica', () => {
  it('when it is alone, then it is at home everywhere from the start', async () => {
    const one = await replica();
    expect(homesOf(one)).toEqual(EVERYWHERE);
    expect(one.replicas.size).toBe(1);
  });

  it('when it hears its own beats, then it is still alone, even if they say that it goes', async () => {
    const bus = await rig.connect();
    const heard: Uint8Array[] = [];
    bus.nc.subscribe(SUBJECT, { callback: (_error, { data }) => void heard.push(data) });
    await bus.nc.flush();
    const one = await replica();
    await expect.poll(() => heard.length, IN_SOME_SECONDS).toBeGreaterThan(2);
    const ids = new Set(heard.map((data) => z.object({ id: z.string() }).parse(decode(data)).id));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    const before = heard.length;
    await say(beat(id), beat(id, { build: 'v2' }), beat(id, { kind: 'bye' }));
    await expect.poll(() => heard.length, AT_ONCE).toBeGreaterThanOrEqual(before + 3);
    await one.bus.nc.flush();
    expect(homesOf(one)).toEqual(EVERYWHERE);
    expect(one).toMatchObject({ changes: 0, replicas: { size: 1 } });
  });
});

describe('given two replicas', () => {
  it('when both know each other, then each shard has exactly one home, the first the one that was there first', async () => {
    const [one, two] = [await replica(), await replica()];
    await expect.poll(() => homes(one, two), AT_ONCE).toEqual(EVERYWHERE);
    expect(homesOf(one)).toEqual([0, 2]);
    expect(homesOf(two)).toEqual([1, 3]);
  });

  it('when a third comes, then it takes over its part; when it says bye, then it gives it back at once', async () => {
    const [one, two] = [await replica(), await replica()];
    const three = await replica();
    await expect.poll(() => homes(one, two, three), AT_ONCE).toEqual(EVERYWHERE);
    expect(homesOf(three)).toEqual([2]);
    three.replicas.stop();
    await expect.poll(() => homes(one, two), AT_ONCE).toEqual(EVERYWHERE);
    expect([one, two].map(({ replicas }) => replicas.size)).toEqual([2, 2]);
  });

  it('when one of them dies without a word, then the other one is at home everywhere within some seconds', async () => {
    const [one, two] = [await replica(), await replica()];
    await expect.poll(() => homes(one, two), AT_ONCE).toEqual(EVERYWHERE);
    const before = two.changes;
    await one.bus.nc.close();
    expect(homesOf(two)).toEqual([1, 3]);
    await expect.poll(() => homesOf(two), IN_SOME_SECONDS).toEqual(EVERYWHERE);
    expect(two).toMatchObject({ changes: before + 1, replicas: { size: 1 } });
  });

  it('when nothing changes, then nobody is told that something did', async () => {
    const [one, two] = [await replica(), await replica()];
    await expect.poll(() => homes(one, two), AT_ONCE).toEqual(EVERYWHERE);
    const [before, since] = [[one.changes, two.changes], performance.now()];
    await expect.poll(() => performance.now() - since, IN_SOME_SECONDS).toBeGreaterThan(1_200);
    expect([one.changes, two.changes]).toEqual(before);
  });

  it('when they are of two builds, then both are at home everywhere, until one build is alone', async () => {
    const old = await replica('v1');
    const [first, second] = [await replica('v2'), await replica('v2')];
    await expect.poll(() => [old, first, second].map(homesOf), AT_ONCE).toEqual([EVERYWHERE, EVERYWHERE, EVERYWHERE]);
    old.replicas.stop();
    await expect.poll(() => homes(first, second), AT_ONCE).toEqual(EVERYWHERE);
  });
});

describe('given somebody who has the role’s seed', () => {
  it('when garbage is said, then it is counted and changes nothing', async () => {
    const [one, two] = [await replica(), await replica()];
    await expect.poll(() => homes(one, two), AT_ONCE).toEqual(EVERYWHERE);
    const before = homesOf(one);
    const garbage = [
      new Uint8Array(),
      new TextEncoder().encode('{"id":'),
      new Uint8Array(100_000).fill(0xc1),
      encode('here'),
      encode({ id: idOf(1), build: 'v1' }),
      beat(idOf(1), { kind: 'there' }),
      beat(idOf(1), { build: 'x'.repeat(65) }),
      beat('x'.repeat(100_000)),
      beat(`${idOf(1)}0`),
    ];
    await say(...garbage);
    await expect.poll(() => one.unreadable.count, AT_ONCE).toBe(garbage.length);
    expect(homesOf(one)).toEqual(before);
    expect(one.replicas.size).toBe(2);
  });

  it('when a thousand replicas are made up, then 256 are remembered at most, and forgotten when they are silent', async () => {
    const [one, two] = [await replica(), await replica()];
    await expect.poll(() => homes(one, two), AT_ONCE).toEqual(EVERYWHERE);
    const made = Array.from({ length: 1_000 }, (_, index) => beat(idOf(index)));
    await say(...made, encode('the end'));
    await expect.poll(() => one.unreadable.count, AT_ONCE).toBe(1);
    // The others, and itself.
    expect(one.replicas.size).toBeLessThanOrEqual(256 + 1);
    expect(one.replicas.size).toBeGreaterThan(200);
    await expect.poll(() => homes(one, two), IN_SOME_SECONDS).toEqual(EVERYWHERE);
    expect([one, two].map(({ replicas }) => replicas.size)).toEqual([2, 2]);
  });
});
