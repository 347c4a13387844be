import type { ActorPorts } from '@troupe/actor';
import { parseRunSubject } from '@troupe/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { collect, countOf, Desk, type World } from './world.fixture.ts';

const LONG_MS = 40_000;

/** What every mailbox does. The ack wait is 5 s. */
export function mailboxCases(world: () => World): void {
  describe('a mailbox', () => {
    let desk: Desk;
    let ports: ActorPorts;
    beforeEach(async () => {
      desk = await Desk.open(world());
      ports = await desk.connect();
    });

    it('delivers what was sent before and after it was opened, as it was stored', async () => {
      const before = ports.clock.now();
      const first = await desk.send('one');
      const deliveries = await collect(ports);
      const second = await desk.send('two');
      await world().soon('both arrive', () => deliveries.length === 2);
      for (const [index, { seq, bytes }] of [first, second].entries()) {
        const delivery = deliveries[index];
        const { tenant, run } = desk.ref;
        const shard = world().layout.shardOf(run);
        const subject = `troupe.runs.${shard}.${tenant}.${run}.t1.sender.${desk.role.name}.${index}`;
        expect(delivery).toMatchObject({ source: 'runs', subject, seq, deliveries: 1 });
        expect(Buffer.from(delivery?.bytes ?? []).equals(bytes)).toBe(true);
        expect(delivery?.at).toBeGreaterThanOrEqual(before - 2_000);
        expect(delivery?.at).toBeLessThanOrEqual(ports.clock.now() + 2_000);
        delivery?.ack();
      }
    });

    it('delivers a goal with its sequence', async () => {
      const deliveries = await collect(ports, 'goals');
      const seq = await world().goal('default', new TextEncoder().encode('a goal'));
      await world().soon('the goal arrives', () => countOf(deliveries, seq) === 1);
      expect(deliveries.find((delivery) => delivery.seq === seq)?.subject).toBe('troupe.goals.default');
      for (const delivery of deliveries) delivery.ack();
    });

    it(
      'delivers again after the ack wait what is neither settled nor kept alive',
      async () => {
        const deliveries = await collect(ports);
        const [lost, acked, rejected, kept] = [
          await desk.send('lost'),
          await desk.send('acked'),
          await desk.send('rejected'),
          await desk.send('kept alive'),
        ];
        await world().soon('all arrive', () => deliveries.length === 4);
        const [first, second, third, fourth] = deliveries;
        second?.ack();
        third?.reject();
        await world().pass(3_000);
        fourth?.working();
        await world().pass(2_600);
        const times = () => [lost, acked, rejected, kept].map(({ seq }) => countOf(deliveries, seq));
        await world().soon('the lost one comes again', () => countOf(deliveries, lost.seq) === 2);
        expect(times()).toEqual([2, 1, 1, 1]);
        expect(deliveries.at(-1)).toMatchObject({
          seq: lost.seq,
          deliveries: 2,
          subject: first?.subject,
          at: first?.at,
        });
        // The handle of the first delivery still settles the message.
        first?.ack();
        await world().pass(2_600);
        await world().soon('the one kept alive comes again', () => countOf(deliveries, kept.seq) === 2);
        deliveries.at(-1)?.ack();
        await world().pass(3_000);
        expect(times()).toEqual([2, 1, 1, 2]);
      },
      LONG_MS,
    );

    it('delivers again at once what is to be tried at once, and counts deliveries', async () => {
      const deliveries = await collect(ports);
      await desk.send('again');
      for (let times = 1; times <= 3; times += 1) {
        await world().soon(`delivery ${times}`, () => deliveries.length === times);
        expect(deliveries.at(-1)?.deliveries).toBe(times);
        if (times < 3) deliveries.at(-1)?.retry(0);
      }
      deliveries.at(-1)?.ack();
    });

    it('delivers again after the pause that was asked for, not before', async () => {
      const deliveries = await collect(ports);
      await desk.send('later');
      await world().soon('it arrives', () => deliveries.length === 1);
      deliveries[0]?.retry(1_000);
      await world().pass(500);
      expect(deliveries).toHaveLength(1);
      await world().pass(700);
      await world().soon('it arrives again', () => deliveries.length === 2);
      deliveries[1]?.ack();
    });

    it('shares the work with other replicas: each message goes to one of them', async () => {
      const [one, two] = [await collect(await desk.connect(40)), await collect(await desk.connect(40))];
      const sent: string[] = [];
      // A shard is one replica's alone: runs of all shards are everybody's.
      for (const ref of desk.others(20)) {
        await desk.send('hello', ref);
        sent.push(ref.run);
      }
      await world().soon('all are delivered', () => one.length + two.length === 20);
      expect([...one, ...two].map(({ subject }) => parseRunSubject(subject)?.run ?? '').toSorted()).toEqual(sent);
      expect(one.length).toBeGreaterThan(0);
      expect(two.length).toBeGreaterThan(0);
      for (const delivery of [...one, ...two]) delivery.ack();
    });

    it('takes nothing more once it has stopped; what comes then goes to others without delay', async () => {
      const [stopping, other] = [await desk.connect(), await desk.connect()];
      const stopped = await collect(stopping);
      const before = await desk.send('before');
      await world().soon('it arrives', () => stopped.length === 1);
      await stopping.mailbox.stopPulling();
      const rest = await collect(other);
      const after = await desk.send('after');
      await world().soon('the other one has it', () => countOf(rest, after.seq) === 1);
      expect(rest.find(({ seq }) => seq === after.seq)?.deliveries).toBe(1);
      expect(stopped.map(({ seq }) => seq)).toEqual([before.seq]);
      // What was in hand is still its own to settle.
      stopped[0]?.retry(0);
      await world().soon('what it gave back arrives too', () => countOf(rest, before.seq) === 1);
      for (const delivery of rest) delivery.ack();
    });
  });
}
