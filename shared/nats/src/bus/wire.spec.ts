import { MsgHdrsImpl } from '@nats-io/nats-core';
import { GOAL_PAYLOAD_BYTES_MAX, LogLayout, MESSAGE_BYTES_MAX } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readAckSubject } from './ack-subject.ts';
import { compare } from '../broker/ensure-topology.ts';
import { Expectation } from './expectation.ts';
import { compareVersions } from '../broker/server-check.ts';
import { ProcessSettings, readSettings, TopologySettings } from '../process/settings.ts';
import { consumersOf, streams } from '../broker/topology.ts';

describe('the reply subject of a delivery', () => {
  it('tells deliveries, sequence, time and how many come behind, with and without a domain', () => {
    const expected = { deliveries: 2, seq: 77, at: 1_700_000_000_123, pending: 9 };
    expect(readAckSubject('$JS.ACK.RUNS_0.writer.2.77.5.1700000000123456789.9')).toEqual(expected);
    expect(readAckSubject('$JS.ACK.hub.ACCT.RUNS_0.writer.2.77.5.1700000000123456789.9')).toEqual(expected);
    expect(readAckSubject('$JS.ACK.hub.ACCT.RUNS_0.writer.2.77.5.1700000000123456789.9.rnd')).toEqual(expected);
  });

  it.each(['', '_INBOX.abc', '$JS.ACK.RUNS_0.writer', '$JS.ACK.RUNS_0.writer.x.y.5.1.0'])('"%s" is none', (reply) => {
    expect(readAckSubject(reply)).toBeUndefined();
  });
});

describe('an expectation', () => {
  it('is on the wire what a client would have written', () => {
    const headers = new MsgHdrsImpl();
    headers.set('Nats-Expected-Last-Subject-Sequence', '5');
    headers.set('Nats-Expected-Last-Subject-Sequence-Subject', 'troupe.runs.0.default.r.t.writer.*.*');
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).toLowerCase();
    expect(text(new Expectation('troupe.runs.0.default.r.t.writer.*.*', 5).encode())).toBe(text(headers.encode()));
  });
});

describe('versions', () => {
  it('are compared by number, not by text', () => {
    expect(compareVersions('2.9.10', '2.12.0')).toBeLessThan(0);
    expect(compareVersions('2.14.0', '2.12.0')).toBeGreaterThan(0);
    expect(compareVersions('2.12.0-preview.1', '2.12.0')).toBe(0);
    expect(compareVersions('3.0', '2.12.5')).toBeGreaterThan(0);
  });
});

describe('settings', () => {
  it('have defaults, and empty variables are not set', () => {
    const settings = readSettings(ProcessSettings, { NATS_URL: '', TROUPE_DRAIN_MS: '' });
    expect(settings).toMatchObject({ NATS_URL: 'nats://127.0.0.1:4222', TROUPE_DRAIN_MS: 10_000 });
  });

  it('of the streams know one, three and five replicas, and one if nothing is said', () => {
    const replicas = (text: string) => readSettings(TopologySettings, { TROUPE_STREAM_REPLICAS: text });
    expect(['', '1', '3', '5'].map((text) => replicas(text).TROUPE_STREAM_REPLICAS)).toEqual([1, 1, 3, 5]);
    for (const text of ['0', '2', '4', '7', 'x'])
      expect(() => replicas(text)).toThrow(/^The configuration is not valid\. TROUPE_STREAM_REPLICAS: /);
  });

  it('that are wrong are all named in one sentence', () => {
    const wrong = { TROUPE_LOG_LEVEL: 'loud', TROUPE_METRICS_PORT: '70000' };
    expect(() => readSettings(ProcessSettings, wrong)).toThrow(/TROUPE_LOG_LEVEL: .*TROUPE_METRICS_PORT: /);
    expect(() => readSettings(z.object({ A: z.string() }), {})).toThrow(/^The configuration is not valid\. A: /);
  });
});

describe('drift', () => {
  it('is what is declared and differs', () => {
    expect(compare('stream X', { max_age: 5, name: 'X' }, { max_age: 6, name: 'X', other: 1 })).toEqual([
      { what: 'stream X', field: 'max_age', declared: '5', found: '6' },
    ]);
  });

  it('is not what the server leaves out because it is off, nor the order of fields', () => {
    expect(compare('x', { sealed: false, max: 0, tags: { a: 1, b: 2 } }, { tags: { b: 2, a: 1 } })).toEqual([]);
  });

  it('is what was turned off', () => {
    expect(compare('x', { deny_purge: true }, {})).toMatchObject([{ field: 'deny_purge', found: 'unset' }]);
  });
});

describe('the streams', () => {
  const STORE_BYTES = 8 * 1024 ** 3;
  const layout = new LogLayout(2);
  const all = streams(layout, { replicas: 3 }, STORE_BYTES);

  it('that roles write cannot be rolled up, and refuse new messages when they are full, but for letters', () => {
    for (const stream of all.filter(({ name }) => name !== 'TIMERS')) {
      expect(stream).toMatchObject({ allow_rollup_hdrs: false });
      expect(stream.allow_msg_schedules).toBeUndefined();
      // Dead letters alone give way to newer ones: a letter that cannot be written comes back for ever.
      expect(stream.discard).toBe(stream.name === 'DEAD' ? 'old' : 'new');
    }
  });

  it('together fit into the store, each with a part of its own and a bound on its messages', () => {
    const sizes = Object.fromEntries(all.map(({ name, max_bytes }) => [name, max_bytes ?? 0]));
    const shard = 1.5 * 2 ** 30;
    const small = { GOALS: 2 ** 29, DEAD: 2 ** 29, TIMERS: 2 ** 29 };
    expect(sizes).toEqual({ ...small, RUNS_0: shard, RUNS_1: shard, ARCHIVE: 3 * 2 ** 30 });
    expect(Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(STORE_BYTES);
    const largest = Object.fromEntries(all.map(({ name, max_msg_size }) => [name, max_msg_size]));
    const slack = 4_096;
    expect(largest).toEqual({
      GOALS: GOAL_PAYLOAD_BYTES_MAX + slack,
      RUNS_0: MESSAGE_BYTES_MAX + slack,
      RUNS_1: MESSAGE_BYTES_MAX + slack,
      ARCHIVE: 2 ** 20,
      DEAD: MESSAGE_BYTES_MAX + slack,
      TIMERS: MESSAGE_BYTES_MAX + slack,
    });
  });

  it('of timers alone takes schedules, and holds no subject of the others', () => {
    const timers = all.filter(({ allow_msg_schedules: allowed }) => allowed === true);
    expect(timers.map(({ name, subjects }) => [name, subjects])).toEqual([
      ['TIMERS', ['troupe.timers.>', 'troupe.due.*.*.*']],
    ]);
  });

  it('of runs each hold one shard, and tell the results of it', () => {
    const shards = all.filter(({ name }) => name.startsWith('RUNS_'));
    expect(shards.map(({ name, subjects, republish }) => [name, subjects, republish?.src])).toEqual([
      ['RUNS_0', ['troupe.runs.0.>'], 'troupe.runs.0.*.*.*.supervisor.user.*'],
      ['RUNS_1', ['troupe.runs.1.>'], 'troupe.runs.1.*.*.*.supervisor.user.*'],
    ]);
  });

  const role = {
    name: 'writer',
    kind: 'worker',
    description: '',
    scope: 'task',
    consumes: { noted: ['x'] },
    emits: {},
  } as const;

  it('are delivered to a role from its own mailbox in each shard, without a limit on deliveries that would lose a message', () => {
    const config = { durable_name: 'writer', ack_policy: 'explicit', max_deliver: -1, num_replicas: 3 };
    const mailbox = (shard: number) => ({
      stream: `RUNS_${shard}`,
      source: 'runs',
      shard,
      config: { ...config, filter_subject: `troupe.runs.${shard}.*.*.*.*.writer.*` },
    });
    expect(consumersOf(layout, role, 3)).toMatchObject([mailbox(0), mailbox(1)]);
  });

  it('of goals have one consumer, another for cancels, and that of timers one per shard, of a name of its own', () => {
    const consumers = consumersOf(layout, { ...role, consumes: {}, takesGoals: true });
    expect(consumers.map(({ stream, config }) => [stream, config.durable_name, config.filter_subject])).toEqual([
      ['GOALS', 'writer', 'troupe.goals.default'],
      ['GOALS', 'writer_cancels', 'troupe.cancel.default.*'],
      ['TIMERS', 'writer_0', 'troupe.due.0.*.writer'],
      ['TIMERS', 'writer_1', 'troupe.due.1.*.writer'],
    ]);
  });

  it('of goals go round the shards, so that who takes goals in has runs at home; cancels are where their goals are', () => {
    const tenants = ['default', 'a', 'b'];
    const taker = { ...role, consumes: {}, takesGoals: true };
    const goals = consumersOf(new LogLayout(2, tenants), taker).filter(({ source }) => source === 'goals');
    expect(goals.map(({ tenant, shard }) => [tenant, shard])).toEqual([
      ...tenants.map((tenant, index) => [tenant, index % 2]),
      ...tenants.map((_, index) => [undefined, index % 2]),
    ]);
  });
});
