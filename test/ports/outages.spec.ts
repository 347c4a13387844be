import { jetstreamManager } from '@nats-io/jetstream';
import { subjects } from '@troupe/contract';
import { RequestChannel } from '@troupe/nats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connected, giver, RealServer, RUN, taker, task, within } from './connection.fixture.ts';

let server: RealServer;
beforeEach(async () => void (server = await RealServer.start()));
afterEach(() => server.stop());

const never = new AbortController().signal;

async function taking(inHandMax?: number): Promise<Connected> {
  const connected = await server.connect(taker, inHandMax);
  await connected.mailbox.open((delivery) => void connected.deliveries.push(delivery));
  return connected;
}

/** Gives so many tasks, one behind the other. Returns the sequence of the last. */
async function give(from: Connected, count: number, first = 0, after = 0): Promise<number> {
  let seq = after;
  for (let index = first; index < first + count; index += 1) seq = await from.journal.append(task(index, seq), never);
  return seq;
}

/** Deliveries of messages that no earlier one had. */
const distinct = ({ deliveries }: Connected) => new Set(deliveries.map(({ stream, seq }) => `${stream}/${seq}`)).size;

describe('empty messages', () => {
  const arrived = ({ deliveries }: Connected, what: string) =>
    deliveries.some(({ bytes }) => new TextDecoder().decode(bytes) === what);

  it.each([3, 100])('that anybody publishes, %i of them, delay no goal that comes behind them', async (count) => {
    const connected = await taking();
    await within(8_000, 'it pulls', () => connected.mailbox.isAlive);
    const admin = await server.admin();
    for (let index = 0; index < count; index += 1) admin.nc.publish(subjects.goals('default'), '');
    admin.nc.publish(subjects.goals('default'), 'a goal');
    await admin.nc.flush();
    // Less than the ack wait of five seconds: nothing had to be delivered again.
    await within(4_000, 'the goal is delivered', () => arrived(connected, 'a goal'));
    expect(distinct(connected)).toBe(count + 1);
    await admin.nc.close();
  });

  it('of a role that lost its mind delay what is behind them by less than an ack wait, and later ones by nothing', async () => {
    const connected = await taking();
    await within(8_000, 'it pulls', () => connected.mailbox.isAlive);
    const admin = await server.admin();
    const write = async (count: number, first: number, last: string) => {
      const subjectOf = (ordinal: number) => admin.layout.message(task(ordinal, 0).address);
      for (let index = first; index < first + count; index += 1) admin.nc.publish(subjectOf(index), '');
      admin.nc.publish(subjectOf(first + count), last);
      await admin.nc.flush();
    };
    await write(20, 0, 'first');
    await within(4_000, 'the first is delivered', () => arrived(connected, 'first'));
    await write(50, 100, 'second');
    await within(4_000, 'the second is delivered', () => arrived(connected, 'second'));
    expect(distinct(connected)).toBe(72);
    await admin.nc.close();
  }, 30_000);
});

describe('a server that is away', () => {
  it('delays an append that is made meanwhile by its absence, not by a time-out', async () => {
    const from = await server.connect(giver);
    await give(from, 1);
    await server.kill();
    const appended = from.journal.append(task(1, 1), never).then((seq) => ({ seq, at: performance.now() }));
    await new Promise((resolve) => setTimeout(resolve, 700));
    await server.startAgain();
    const back = performance.now();
    const { seq, at } = await appended;
    expect(seq).toBe(2);
    expect(at - back).toBeLessThan(2_000);
  });

  it('for longer than the ack wait, twice, costs no capacity: what was in hand is settled once, and more is taken', async () => {
    const inHandMax = 60;
    const [from, connected] = [await server.connect(giver), await taking(inHandMax)];
    let last = await give(from, 20);
    await within(4_000, 'they are in hand', () => distinct(connected) === 20);
    for (let outage = 0; outage < 2; outage += 1) {
      await server.kill();
      await new Promise((resolve) => setTimeout(resolve, 5_500));
      await server.startAgain();
      const before = connected.deliveries.length;
      await within(10_000, 'they are delivered again', () => connected.deliveries.length >= before + 20);
    }
    // As the runtime does: the newest handle settles a message, the others are forgotten.
    const newest = new Map(connected.deliveries.map((delivery) => [delivery.seq, delivery]));
    for (const delivery of newest.values()) delivery.ack();
    last = await give(from, 30, 20, last);
    await within(4_000, 'the next ones are taken', () => distinct(connected) === 50);
    await within(6_000, 'all are served', () => connected.mailbox.isAlive);
    expect(distinct(connected)).toBe(50);
  }, 60_000);

  it('however long, makes nothing pile up: neither signs of life nor requests that nobody waits for any more', async () => {
    const [from, connected] = [await server.connect(giver), await taking()];
    await give(from, 10);
    await within(4_000, 'they are in hand', () => distinct(connected) === 10);
    const { outbox } = connected.bus;
    const channel = new RequestChannel(connected.bus, 100);
    outbox.flush();
    // As when the connection is lost.
    outbox.hold();
    const before = outbox.size;
    for (let turn = 0; turn < 20; turn += 1) for (const delivery of connected.deliveries) delivery.working();
    for (let times = 0; times < 3; times += 1)
      await expect(channel.request(subjects.dead('taker'), 'a letter')).rejects.toThrow(/no reply within/);
    expect(outbox.size).toBe(before);
    const held = channel.request(subjects.dead('taker'), 'a letter');
    expect(outbox.size).toBe(before + 1);
    channel.close();
    await expect(held).rejects.toThrow(/was closed/);
    expect(outbox.size).toBe(before);
  }, 30_000);

  it('makes the mailbox say that it is not served, until it is served again', async () => {
    const connected = await taking();
    await within(8_000, 'it pulls', () => connected.mailbox.isAlive);
    await server.kill();
    await within(4_000, 'it notices', () => !connected.mailbox.isAlive);
    await server.startAgain();
    await within(6_000, 'it pulls again', () => connected.mailbox.isAlive);
    expect(connected.mailbox.isAlive).toBe(true);
  }, 30_000);
});

describe('a consumer that is deleted', () => {
  it('of one shard makes the mailbox say that it is not served, though something is in hand', async () => {
    const [from, connected] = [await server.connect(giver), await taking()];
    await give(from, 1);
    await within(8_000, 'it is served', () => connected.mailbox.isAlive && distinct(connected) === 1);
    const admin = await server.admin();
    const manager = await jetstreamManager(admin.nc);
    await manager.consumers.delete(admin.layout.streamOf(RUN.run), taker.name);
    await within(4_000, 'it notices', () => !connected.mailbox.isAlive);
    const seen: boolean[] = [];
    for (let look = 0; look < 30; look += 1) {
      seen.push(connected.mailbox.isAlive);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(seen).not.toContain(true);
    await admin.nc.close();
  }, 30_000);
});

describe('a mailbox that stops', () => {
  it('hands on what is on its way, so that others have it at once and not after the ack wait', async () => {
    const [from, stopping] = [await server.connect(giver), await server.connect(taker)];
    let isStopping = false;
    await stopping.mailbox.open((delivery) => {
      stopping.deliveries.push(delivery);
      if (isStopping) delivery.retry(0);
      else delivery.ack();
    });
    const giving = give(from, 400);
    await within(4_000, 'it has taken some', () => stopping.deliveries.length > 50);
    isStopping = true;
    await stopping.mailbox.stopPulling();
    const other = await taking();
    stopping.bus.outbox.flush();
    const started = performance.now();
    await giving;
    const acked = stopping.deliveries.filter(({ deliveries }) => deliveries > 0).length;
    await within(4_500, 'the other one has the rest', () => distinct(other) + acked >= 400);
    expect(performance.now() - started).toBeLessThan(4_500);
  });

  it('loses no ack that waits for company: a message that was acked last is not delivered again', async () => {
    for (let times = 0; times < 5; times += 1) {
      const [from, connected] = [await server.connect(giver), await taking()];
      const last = times === 0 ? 0 : times;
      await give(from, 1, times, last);
      await within(4_000, 'it arrives', () => connected.deliveries.length > 0);
      for (const delivery of connected.deliveries) {
        delivery.ack();
        delivery.working();
        delivery.ack();
      }
      await connected.mailbox.stopPulling();
      connected.bus.outbox.flush();
      await connected.bus.nc.drain();
    }
    const other = await taking();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(distinct(other)).toBe(0);
  }, 60_000);
});
