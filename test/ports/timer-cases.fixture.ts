import { decode } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { collect, Desk, type World } from './world.fixture.ts';

/** What timers and dead letters do everywhere. */
export function timerCases(world: () => World): void {
  describe('a timer', () => {
    it('arrives when it is due, once, and not before', async () => {
      const desk = await Desk.open(world());
      const ports = await desk.connect();
      const deliveries = await collect(ports, 'due');
      const at = ports.clock.now() + 2_000;
      await ports.timers.arm({ ...desk.ref, at });
      await world().pass(500);
      expect(deliveries).toEqual([]);
      await world().pass(2_600);
      await world().soon('it arrives', () => deliveries.length > 0);
      expect(ports.clock.now()).toBeGreaterThanOrEqual(at);
      deliveries[0]?.ack();
      await world().pass(1_200);
      expect(deliveries).toHaveLength(1);
      expect(decode(deliveries[0]?.bytes ?? new Uint8Array())).toEqual({
        timers: [{ run: desk.ref.run, at }],
      });
    });

    it('that is overdue when it is armed arrives too', async () => {
      const desk = await Desk.open(world());
      const ports = await desk.connect();
      const deliveries = await collect(ports, 'due');
      await ports.timers.arm({ ...desk.ref, at: ports.clock.now() - 60_000 });
      await world().soon('it arrives', () => deliveries.length === 1);
      const { tenant, run } = desk.ref;
      const subject = `troupe.due.${world().layout.shardOf(run)}.${tenant}.${desk.role.name}`;
      expect(deliveries[0]).toMatchObject({ source: 'due', subject });
      deliveries[0]?.ack();
    });

    it('is kept apart from other timers of the same second, and none is lost', async () => {
      const desk = await Desk.open(world());
      const ports = await desk.connect();
      const deliveries = await collect(ports, 'due');
      const at = Math.ceil(ports.clock.now() / 1_000) * 1_000 + 1_000;
      const offsets = [0, -100, -200, -300];
      await Promise.all(offsets.map((offset) => ports.timers.arm({ ...desk.ref, at: at + offset })));
      await world().pass(2_600);
      const missing = () => {
        const arrived = JSON.stringify(deliveries.map(({ bytes }) => decode(bytes)));
        return offsets.filter((offset) => !arrived.includes(`"at":${at + offset}`));
      };
      await world().soon('all arrive', () => missing().length === 0);
      expect(missing()).toEqual([]);
      for (const delivery of deliveries) delivery.ack();
    });
  });

  describe('a dead letter', () => {
    it('is stored with its reason and its bytes', async () => {
      const desk = await Desk.open(world());
      const { deadLetters } = await desk.connect();
      const letter = { subject: 'troupe.runs.x', seq: 7, bytes: new Uint8Array([0, 255, 1]), reason: 'malformed: it' };
      await deadLetters.bury(letter);
      // In a cluster the server that is asked may lag behind the one that stored it.
      await expect.poll(() => world().buried(desk.role.name)).toEqual({ role: desk.role.name, ...letter });
    });
  });
}
