import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { STREAMS, subjects } from '@troupe/contract';
import { type Bus, connectAs } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DOCS, Place } from './command.fixture.ts';

const GOAL = 'What is a durable log?';
const Answer = z.union([z.object({ runId: z.string() }), z.object({ error: z.string(), retry_after_ms: z.number() })]);

let place: Place;
let admin: Bus;
let client: NatsConnection;
/** The bounds of GOALS before they were taken away. */
let roomBytes: number;

beforeAll(async () => {
  place = await Place.make();
  const env = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_SCRIPTED_LATENCY_MS: '60000', TROUPE_DRAIN_MS: '100' };
  const company = place.start(['--no-example', '--docs', DOCS], env);
  await company.said(/Troupe is up/);
  const url = `nats://127.0.0.1:${place.port}`;
  admin = await connectAs('admin', { url, authDir: join(place.data, 'auth') });
  client = await connect({ servers: url });
  // One goal is there, so that there is something which fills the stream.
  await request(subjects.goals('default'), JSON.stringify({ goal: GOAL, id: 'there' }));
});

afterAll(async () => {
  await client.close();
  await admin.nc.close();
  await place.clear();
});

async function bound(max_bytes: number): Promise<number> {
  const manager = await jetstreamManager(admin.nc);
  const { config } = await manager.streams.info(STREAMS.goals);
  await manager.streams.update(STREAMS.goals, { max_bytes });
  return config.max_bytes;
}

const request = async (subject: string, payload: string): Promise<unknown> =>
  (await client.request(subject, payload, { timeout: 5_000 })).json();

describe('when there is no room for goals', () => {
  beforeAll(async () => {
    roomBytes = await bound(1);
  });

  afterAll(async () => {
    await bound(roomBytes);
  });

  it('the API says so, and when to ask again', async () => {
    expect(await request(subjects.api('default', 'create'), JSON.stringify({ goal: GOAL }))).toEqual({
      error: expect.stringMatching(/^No room for the goal: the store is full \(maximum bytes exceeded, 10077\)/),
      retry_after_ms: 60_000,
    });
  });

  it('so is a cancel answered', async () => {
    const { runId } = z
      .array(z.object({ run: z.string() }))
      .transform(([first]) => ({ runId: first?.run ?? '' }))
      .parse(JSON.parse(await said('runs', '--json')));
    expect(await request(subjects.api('default', 'cancel'), runId)).toMatchObject({
      error: expect.stringMatching(/^No room for the cancel:/),
      retry_after_ms: 60_000,
    });
  });

  it('the command line says the same and exits with the code of "try again later"', async () => {
    const command = place.troupe('run', GOAL);
    expect(await command.exited).toBe(75);
    expect(command.err.trim()).toMatch(/^No room for the goal: .* Try again in 60 s\..*$/);
    expect(command.out).toBe('');
  });

  it('who publishes with an acknowledgement gets the code of the server', async () => {
    expect(await request(subjects.goals('default'), GOAL)).toMatchObject({
      error: { code: 503, err_code: 10_077, description: 'maximum bytes exceeded' },
    });
  });

  it('the same goal is taken once there is room', async () => {
    const goal = JSON.stringify({ goal: GOAL, id: 'again' });
    const ask = async () => Answer.parse(await request(subjects.api('default', 'create'), goal));
    expect(await ask()).toHaveProperty('retry_after_ms');
    await bound(roomBytes);
    expect(await ask()).toHaveProperty('runId');
    await bound(1);
  });

  async function said(...words: string[]): Promise<string> {
    const command = place.troupe(...words);
    await command.exited;
    return command.out;
  }
});

describe('a goal message that is too large', () => {
  it('is refused by the server with a code of its own', async () => {
    expect(await request(subjects.goals('default'), 'x'.repeat(100 * 1024))).toMatchObject({
      error: { err_code: 10_054, description: 'message size exceeds maximum allowed' },
    });
  });

  it('is answered by the API with its bounds, and no hint to try again', async () => {
    expect(await request(subjects.api('default', 'create'), 'x'.repeat(100 * 1024))).toEqual({
      error: 'The goal message has 102400 bytes; at most 65536 are allowed.',
    });
  });
});
