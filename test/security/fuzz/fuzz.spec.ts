import { setTimeout as sleep } from 'node:timers/promises';
import { encode, STREAMS, subjects } from '@troupe/contract';
import { headers } from '@nats-io/nats-core';
import { connectAs } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAYOUT, TENANT } from '../secured-bus.fixture.ts';
import { consumersOf, mayWait } from './aftermath.fixture.ts';
import { attack, type Attacked } from './attack.fixture.ts';
import { type Life, OTHER_TENANT, startVictim, type Victim } from './company.fixture.ts';
import { readReach } from './reach.fixture.ts';

/** Set them for a larger run, or for another one. */
const MESSAGES = Number(process.env['FUZZ_MESSAGES'] ?? '20000');
const SEED = Number(process.env['FUZZ_SEED'] ?? '1');

const GOALS_MEASURED = 9;
/** Goals take less than a tenth of a second: below this a busy machine is measured, not the company. */
const NOISE_MS = 500;
const GROWTH_MB_MAX = 200;
const SETTLED_MS_MAX = 60_000;
const LOOK_MS = 2_000;
/** What a message that waits for a newer process may be delivered per look, on average. */
const SETTLED_SHARE = 0.5;

let victim: Victim;
let before: { lives: Life[]; medianMs: number };
let attacked: Attacked;
beforeAll(async () => {
  victim = await startVictim();
  const runs: string[] = [];
  for (let index = 0; index < 3; index += 1) runs.push((await victim.goal(`What is a ferry? ${index}`)).run);
  before = { medianMs: await victim.medianMs(GOALS_MEASURED), lives: victim.lives() };
  attacked = await attack(victim.cluster, victim.dataDir, { seed: SEED, messages: MESSAGES, runs });
}, 300_000);
afterAll(() => victim?.stop());

describe('given hostile messages to every subject that anybody may publish to', () => {
  it('when they were sent, then every role, the viewer, a tenant’s client and the stranger sent some to each of their subjects', () => {
    const reach = readReach(victim.dataDir);
    expect(reach.map(({ account }) => account).toSorted()).toEqual([
      'CLIENT',
      ...victim.cluster.roles.map(({ declaration: { name } }) => `ROLE_${name.replaceAll('-', '_')}`),
      `TENANT_${OTHER_TENANT}`,
      'VIEWER',
    ]);
    const patterns = reach.flatMap(({ account, subjects: all }) => all.map((subject) => `${account} ${subject}`));
    expect([...attacked.patterns.keys()].toSorted()).toEqual(patterns.toSorted());
    expect(attacked.sent + attacked.unsent).toBe(MESSAGES);
    expect(attacked.unsent).toBeLessThan(MESSAGES / 100);
  });

  it('when a goal comes afterwards, then it completes', async () => {
    expect((await victim.goal('What do ferries carry?')).status).toBe('completed');
  }, 60_000);

  it('when all is quiet, then everything was taken or buried but what waits for a newer process, ever more rarely', async () => {
    const waits = await mayWait(victim.cluster, attacked.forged);
    const unsettled = async () => {
      const first = await consumersOf(victim.cluster);
      await sleep(LOOK_MS);
      const second = await consumersOf(victim.cluster);
      return second.flatMap(({ name, pending, inHand, deliveries }) => {
        const again = deliveries - (first.find((other) => other.name === name)?.deliveries ?? 0);
        const isSettled = pending === 0 && inHand <= (waits.get(name) ?? 0) && again <= inHand * SETTLED_SHARE;
        return isSettled ? [] : [{ name, pending, inHand, again, mayWait: waits.get(name) ?? 0 }];
      });
    };
    await expect.poll(unsettled, { timeout: SETTLED_MS_MAX, interval: 100 }).toEqual([]);
  }, 90_000);

  it('when a goal comes then, then it takes at most twice its time before', async () => {
    const afterMs = await victim.medianMs(GOALS_MEASURED);
    expect(afterMs).toBeLessThanOrEqual(2 * Math.max(before.medianMs, NOISE_MS));
  }, 60_000);

  it('when a timer is due in each shard, then the supervisor takes it', async () => {
    const supervisor = await connectAs('supervisor', victim.cluster.server);
    const timers = async () => (await consumersOf(victim.cluster)).find(({ name }) => name.startsWith(STREAMS.timers));
    const earlier = (await timers())?.deliveries ?? 0;
    for (const shard of LAYOUT.streams.keys()) {
      const due = headers();
      due.set('Nats-Schedule', '@at 2020-01-01T00:00:00Z');
      due.set('Nats-Schedule-Target', subjects.due(shard, TENANT, 'supervisor'));
      const timer = subjects.timer(shard, TENANT, 'supervisor', 'after');
      await supervisor.nc.request(timer, encode({ timers: [] }), { headers: due, timeout: 5_000 });
    }
    const isTaken = async () => {
      const now = await timers();
      const isDelivered = now !== undefined && now.deliveries >= earlier + LAYOUT.shards;
      return isDelivered && now.pending === 0 && now.inHand === 0;
    };
    // A pull that the attacker left behind may take one of them first: it comes again after its ack wait.
    await expect.poll(isTaken, { timeout: 25_000 }).toBe(true);
    await supervisor.nc.close();
  }, 40_000);

  it('when the processes are looked at, then they are the same ones, and none has grown by much', () => {
    const lives = victim.lives();
    expect(lives.map(({ name, pid, restarts }) => ({ name, pid, restarts }))).toEqual(
      before.lives.map(({ name, pid, restarts }) => ({ name, pid, restarts })),
    );
    const grown = lives.filter(({ rssMb }, index) => rssMb - (before.lives[index]?.rssMb ?? 0) > GROWTH_MB_MAX);
    expect(grown).toEqual([]);
  });
});
