import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giver, RealServer, RUN, task, taker, within } from './connection.fixture.ts';

/** Small batches, so that many are asked for in a short time. */
const IN_HAND_MAX = 120;
const TASKS = 200;

let server: RealServer;
beforeAll(async () => void (server = await RealServer.start()));
afterAll(() => server.stop());

describe('a process that takes messages for a long time', () => {
  it('has at most two pull requests open: the broker goes round them, and one that has just begun has one', async () => {
    const { mailbox, deliveries } = await server.connect(taker, IN_HAND_MAX);
    await mailbox.open((delivery) => {
      deliveries.push(delivery);
      delivery.ack();
    });
    const { journal } = await server.connect(giver);
    const admin = await server.admin();
    const { consumers } = await jetstreamManager(admin.nc);
    const stream = admin.layout.streamOf(RUN.run);
    const waiting: number[] = [];
    let seq = 0;
    for (let ordinal = 0; ordinal < TASKS; ordinal += 1) {
      seq = await journal.append(task(ordinal, seq), new AbortController().signal);
      await within(5_000, 'it is delivered', () => deliveries.length > ordinal);
      waiting.push((await consumers.info(stream, taker.name)).num_waiting);
    }
    await admin.nc.close();
    expect(Math.max(...waiting)).toBeLessThanOrEqual(2);
    expect(Math.max(...waiting)).toBeGreaterThan(0);
  });
});
