import { readdirSync, statSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { GOAL_PAYLOAD_BYTES_MAX, MESSAGE_BYTES_MAX } from '@troupe/contract';
import { connectAs, ensureTopology } from '@troupe/nats';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attempt,
  DUE,
  must,
  ROLES,
  RUN,
  runSubject,
  type SecuredBus,
  startSecuredBus,
  TENANT,
  timerSubject,
  withHeaders,
} from './secured-bus.fixture.ts';

/** Small enough to be filled at once; the streams' parts of it are those of production. */
const STORE_BYTES = 32 * 1024 * 1024;
/** Of another shard than {@link RUN}. */
const OTHER_RUN = '01990000-0000-7000-8000-0000000000bb';
const MIB = 1024 * 1024;
/** No stream is larger than the store. */
const WRITES_MAX = STORE_BYTES / GOAL_PAYLOAD_BYTES_MAX;
const FULL = { err_code: 10_077, description: 'maximum bytes exceeded' };
const TOO_LARGE = { err_code: 10_054, description: 'message size exceeds maximum allowed' };

let bus: SecuredBus;
beforeAll(async () => {
  bus = await startSecuredBus({ maxStoreBytes: STORE_BYTES });
});
afterAll(() => bus?.stop());

/** The stream's answer to a publish: the error, or undefined if it was stored. */
async function write(nc: NatsConnection, subject: string, payload: string): Promise<object | undefined> {
  return (await must(nc, subject, payload)).json<{ error?: object }>().error;
}

/** Writes until a stream refuses; gives its refusal. */
async function fill(publish: (index: number) => Promise<object | undefined>): Promise<object> {
  for (let index = 0; index < WRITES_MAX; index += 1) {
    const refusal = await publish(index);
    if (refusal !== undefined) return refusal;
  }
  throw new Error('the stream took more than the whole store has');
}

/** What the server says to somebody who speaks its protocol without a client library's own checks. */
function sayRaw(words: string): Promise<string> {
  const { hostname, port } = new URL(bus.server.url);
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connectTcp({ host: hostname, port: Number(port) }, () => socket.write(words));
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    // Words that the server did not wait for end in a reset; what it said before is the answer.
    socket.once('error', () => socket.destroy());
    socket.once('close', () => resolve(said));
    socket.setTimeout(5_000, () => reject(new Error(`the server did not end it: ${said}`)));
  });
}

/** Connects without credentials until the server refuses. */
async function connectWithoutEnd(open: NatsConnection[]): Promise<void> {
  while (open.length < 300) open.push(await connect({ servers: bus.server.url, reconnect: false }));
}

describe('given messages that are too large', () => {
  it('when a stranger announces a goal of 1 MB, then the server ends the connection before it reads it', async () => {
    const said = await sayRaw(`CONNECT {"verbose":false}\r\nPUB troupe.goals.default ${MIB - 1}\r\n`);
    expect(said).toContain("-ERR 'Maximum Payload Violation'");
  });

  it('when a stranger connects, then the server says how large a payload may be', () => {
    expect(bus.client.info?.max_payload).toBe(2 * GOAL_PAYLOAD_BYTES_MAX);
  });

  it('when a goal is larger than any that is read, then the stream refuses it with a clear error', async () => {
    const goal = 'x'.repeat(GOAL_PAYLOAD_BYTES_MAX + 8_192);
    expect(await write(bus.client, 'troupe.goals.default', goal)).toMatchObject(TOO_LARGE);
    expect(await write(bus.as('viewer'), 'troupe.goals.default', goal)).toMatchObject(TOO_LARGE);
  });

  it('when a role writes more than a message may have, then the stream refuses it', async () => {
    const payload = 'x'.repeat(MESSAGE_BYTES_MAX + 8_192);
    const subject = runSubject('researcher', 'supervisor', 0, 't1');
    expect(await write(bus.as('researcher'), subject, payload)).toMatchObject(TOO_LARGE);
  });

  it('when the largest goal and the largest message are written, then they are stored', async () => {
    const goal = 'x'.repeat(GOAL_PAYLOAD_BYTES_MAX);
    expect(await write(bus.client, 'troupe.goals.default', goal)).toBeUndefined();
    const message = 'x'.repeat(MESSAGE_BYTES_MAX);
    expect(await write(bus.as('researcher'), runSubject('researcher', 'supervisor', 1), message)).toBeUndefined();
  });
});

describe('given a stranger', () => {
  it.each(['acme', 'Bad', 'a_b', '*', 'x'.repeat(200)])(
    'when it publishes a goal of the tenant %s, then the broker refuses it: strangers are the tenant "default"',
    async (tenant) => {
      expect((await attempt(bus.client, `troupe.goals.${tenant}`, '{"goal":"x"}')).kind).toBe('refused');
    },
  );

  it('when it opens more connections than strangers may have, then it is refused, and roles still connect', async () => {
    const open: NatsConnection[] = [];
    try {
      await expect(connectWithoutEnd(open)).rejects.toThrow(
        /maximum account active connections exceeded|EPIPE|ECONNRESET|closed/,
      );
      expect(open.length).toBeLessThanOrEqual(256);
      expect(await sayRaw('CONNECT {"verbose":false}\r\nPING\r\n')).toContain(
        "-ERR 'maximum account active connections exceeded'",
      );
      const role = await connectAs('researcher', bus.server);
      await role.nc.flush();
      await role.nc.close();
    } finally {
      await Promise.all(open.map((nc) => nc.close()));
    }
  });

  it('when it subscribes without end, then the server stops it', async () => {
    const nc = await connect({ servers: bus.server.url, reconnect: false });
    const told: string[] = [];
    void (async () => {
      for await (const status of nc.status()) if (status.type === 'error') told.push(String(status.error));
    })();
    for (let index = 0; index < 100; index += 1) nc.subscribe(`_INBOX.many.${index}`);
    await nc.flush();
    await expect.poll(() => told.join()).toContain('maximum subscriptions exceeded');
    await nc.close();
  });

  it('when it fills the server’s log with refusals, then old lines give way', async () => {
    const files = () => readdirSync(bus.dataDir).filter((name) => name.startsWith('nats.log'));
    const written = () => files().reduce((sum, name) => sum + statSync(join(bus.dataDir, name)).size, 0);
    const nc = await connect({ servers: bus.server.url, reconnect: false });
    // As long as the server takes a subject: the line in the log has all of it.
    const forbidden = `x.${'y'.repeat(3_900)}`;
    const linesMax = (48 * MIB) / forbidden.length;
    for (let line = 0; line < linesMax; line += 1) {
      nc.publish(forbidden);
      if (line % 500 === 0) await nc.flush();
    }
    await nc.flush();
    expect(files().length).toBeGreaterThan(1);
    expect(files().length).toBeLessThanOrEqual(4);
    expect(written()).toBeLessThan(33 * MIB);
    await nc.close();
  });
});

describe('given full streams', () => {
  const inOthers = async (): Promise<(object | undefined)[]> => [
    await write(bus.as('researcher'), 'troupe.dead.researcher', '{}'),
    await write(bus.as('supervisor'), timerSubject(crypto.randomUUID()), '{}'),
  ];

  it('when strangers fill GOALS, then publishers get a clear error, and runs, letters and timers are stored', async () => {
    const goal = 'x'.repeat(GOAL_PAYLOAD_BYTES_MAX);
    expect(await fill(() => write(bus.client, 'troupe.goals.default', goal))).toMatchObject(FULL);
    const large = 'x'.repeat(MESSAGE_BYTES_MAX);
    expect(await write(bus.as('researcher'), runSubject('researcher', 'supervisor', 2), large)).toBeUndefined();
    expect(await inOthers()).toEqual([undefined, undefined]);
  });

  it('when a shard is full, then roles get the error that they try again on, and other shards, letters and timers store', async () => {
    const message = 'x'.repeat(MESSAGE_BYTES_MAX);
    const next = (index: number) => runSubject('researcher', 'supervisor', 100 + index);
    expect(await fill((index) => write(bus.as('researcher'), next(index), message))).toMatchObject(FULL);
    const elsewhere = runSubject('researcher', 'supervisor', 0, 't1', { run: OTHER_RUN });
    expect(await write(bus.as('researcher'), elsewhere, message)).toBeUndefined();
    expect(await inOthers()).toEqual([undefined, undefined]);
  });

  it('when DEAD is full, then the oldest letters give way: a role can always give up', async () => {
    const letter = 'x'.repeat(MESSAGE_BYTES_MAX);
    const letters = Math.ceil(STORE_BYTES / letter.length);
    for (let index = 0; index < letters; index += 1)
      expect(await write(bus.as('writer'), 'troupe.dead.writer', letter)).toBeUndefined();
    expect((await bus.manager.streams.info('DEAD')).state.first_seq).toBeGreaterThan(1);
  });
});

describe('given a full shard in a store with room for goals', () => {
  let small: SecuredBus;
  beforeAll(async () => {
    small = await startSecuredBus({ maxStoreBytes: STORE_BYTES });
  });
  afterAll(() => small?.stop());

  it('when a run is cancelled, then the cancel is stored', async () => {
    const message = 'x'.repeat(MESSAGE_BYTES_MAX);
    const next = (index: number) => runSubject('researcher', 'supervisor', index);
    expect(await fill((index) => write(small.as('researcher'), next(index), message))).toMatchObject(FULL);
    expect(await write(small.as('supervisor'), `troupe.cancel.${TENANT}.${RUN}`, '{}')).toBeUndefined();
    expect(await write(small.client, 'troupe.goals.default', '{"goal":"x"}')).toBeUndefined();
  });

  it('when a timer is due, then it still comes', async () => {
    const schedule = withHeaders({
      'Nats-Schedule': '@at 2020-01-01T00:00:00Z',
      'Nats-Schedule-Target': DUE,
    });
    const armed = await attempt(small.as('supervisor'), timerSubject('a'), 'due', schedule);
    expect(armed.kind === 'reply' && armed.message.json()).toMatchObject({ stream: 'TIMERS' });
    const due = () => attempt(small.admin, `$JS.API.DIRECT.GET.TIMERS.${DUE}`);
    await expect
      .poll(async () => {
        const found = await due();
        return found.kind === 'reply' ? found.message.string() : '';
      })
      .toBe('due');
  });
});

describe('given the streams as they were made', () => {
  it('when they are declared again, then nothing differs', async () => {
    const admin = await connectAs('admin', bus.server);
    expect(await ensureTopology(admin, ROLES, { replicas: 1 })).toEqual([]);
    await admin.nc.close();
  });

  it('when their sizes are added up, then they are no larger than the store', async () => {
    const streams = await bus.manager.streams.list().next();
    const sizes = streams.map(({ config }) => config.max_bytes);
    expect(sizes.every((bytes) => bytes > 0)).toBe(true);
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(STORE_BYTES);
  });
});
