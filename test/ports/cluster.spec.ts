import { jetstreamManager } from '@nats-io/jetstream';
import { encode, LOG, STREAMS } from '@troupe/contract';
import { connectAs, type EmbeddedCluster } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalCases } from './journal-cases.fixture.ts';
import { natsWorld, startThree } from './nats-world.fixture.ts';
import { timerCases } from './timer-cases.fixture.ts';
import { collect, Desk, NEVER_ABORTED, type World } from './world.fixture.ts';

describe('the ports on three servers', () => {
  let world: World | undefined;
  let cluster: EmbeddedCluster;
  const get = () => {
    if (world === undefined) throw new Error('the servers are not up');
    return world;
  };
  beforeAll(async () => {
    world = await natsWorld(async (dataDir) => (cluster = await startThree(dataDir)), 3);
  });
  afterAll(() => world?.stop());
  journalCases(get);
  timerCases(get);

  /** Kills the server that leads a stream, while `work` is done. It is back at the end. */
  async function withoutLeaderOf<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const admin = await connectAs('admin', cluster);
    const { cluster: copies } = await (await jetstreamManager(admin.nc)).streams.info(stream);
    await admin.nc.close();
    const leader = Number(copies?.leader?.split('-').at(-1));
    await cluster.members[leader]?.kill();
    try {
      return await work();
    } finally {
      await cluster.startAgain(leader);
    }
  }

  /** Appends of one actor, one behind the other. */
  async function actorOf(desk: Desk) {
    const { journal } = await desk.connect();
    const scope = { ...desk.ref, task: 't1', role: desk.role.name };
    const append = (ordinal: number, expectedSeq: number, what = `m${ordinal}`) => {
      const address = { ...desk.ref, task: 't1', from: desk.role.name, to: LOG, ordinal };
      return journal.append({ scope, address, bytes: encode({ what }), expectedSeq }, NEVER_ABORTED);
    };
    return { journal, scope, append };
  }

  it('show each process what another one has written, up to where it knows it, whichever server it asks', async () => {
    const desk = await Desk.open(get());
    const [one, ...others] = await Promise.all([1, 2, 3, 4].map(() => actorOf(desk)));
    let seq = 0;
    for (let ordinal = 0; ordinal < 40; ordinal += 1) {
      seq = (await one?.append(ordinal, seq)) ?? 0;
      const seen = await Promise.all(others.map(({ journal, scope }) => journal.sent(scope, ordinal, seq)));
      expect(seen.map((sent) => sent.map((stored) => stored.seq))).toEqual(others.map(() => [seq]));
    }
    for (const { journal, scope } of others) expect(await journal.lastSeq(scope, LOG)).toBe(seq);
  });

  it('let one of many win who append at once, and tell the others up to where to read', async () => {
    const desk = await Desk.open(get());
    const actors = await Promise.all(Array.from({ length: 6 }, () => actorOf(desk)));
    const outcomes = await Promise.allSettled(actors.map(({ append }, index) => append(0, 0, `by ${index}`)));
    const [won] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const lost = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(lost).toHaveLength(5);
    for (const error of lost) expect(error).toMatchObject({ name: 'ConflictError', lastSeq: won });
  });

  it('hold on to an append while the stream has no leader, and store it once', async () => {
    const desk = await Desk.open(get());
    const { journal, scope, append } = await actorOf(desk);
    const first = await append(0, 0);
    const second = await withoutLeaderOf(get().layout.streamOf(desk.ref.run), () => append(1, first));
    expect(await append(1, first)).toBe(second);
    expect((await journal.sent(scope, 0, second)).map(({ seq }) => seq)).toEqual([first, second]);
  }, 60_000);

  it('deliver a timer though the server died that was to fire it', async () => {
    const desk = await Desk.open(get());
    const ports = await desk.connect();
    const deliveries = await collect(ports, 'due');
    await ports.timers.arm({ ...desk.ref, at: ports.clock.now() + 3_000 });
    await withoutLeaderOf(STREAMS.timers, async () => {
      for (let seconds = 0; seconds < 30 && deliveries.length === 0; seconds += 1) await get().pass(1_000);
    });
    expect(deliveries).toHaveLength(1);
    deliveries[0]?.ack();
  }, 60_000);
});
