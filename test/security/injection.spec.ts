import type { MsgHdrs, NatsConnection } from '@nats-io/nats-core';
import { subjects } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  askSubject,
  attempt,
  cameToNothing,
  everywhere,
  must,
  NAMES,
  ROLES,
  RUN,
  runSubject,
  type SecuredBus,
  settled,
  SHARD,
  startSecuredBus,
  STREAM,
  TENANT,
  timerSubject,
  withHeaders,
} from './secured-bus.fixture.ts';

/**
 * Reply injection: whoever may ask something names the subject that the server answers on. If that subject is another
 * role's mailbox, the server writes there, with its own rights.
 */
let bus: SecuredBus;
const CONSUMERS = ROLES.filter(({ consumes }) => Object.keys(consumes).length > 0).map(({ name }) => name);
/** A place in the executor's mailbox that only the guard may write to. Each test has a task of its own to look at. */
const victim = (task: string, ordinal: number | string = 0) =>
  runSubject('policy-guard', 'tool-executor', ordinal, task);
const injected = (task: string) => bus.stored(everywhere(task));
const BATCH = JSON.stringify({ batch: 1, no_wait: true });

beforeAll(async () => {
  bus = await startSecuredBus();
  for (const name of CONSUMERS) {
    for (const ordinal of [0, 1, 2]) await must(bus.admin, runSubject('somebody', name, ordinal, 't9'), 'evil bytes');
  }
  await must(bus.admin, 'troupe.goals.default', 'evil bytes');
});
afterAll(() => bus?.stop());

/** Everything that these credentials may ask, with what they would send. */
function questionsOf(name: string): [string, string][] {
  const role = ROLES.find((candidate) => candidate.name === name);
  const recipients = Object.values(role?.emits ?? {})
    .flat()
    .filter((party) => party !== '@workers');
  return [
    ...recipients.map((to): [string, string] => [runSubject(name, to, 5, 't5'), 'evil bytes']),
    [runSubject('intake', name, 5, 't5'), 'evil bytes'],
    [`$JS.API.CONSUMER.MSG.NEXT.${STREAM}.${name}`, BATCH],
    [`$JS.API.CONSUMER.INFO.${STREAM}.${name}`, ''],
    [`$JS.API.DIRECT.GET.${STREAM}.${runSubject('somebody', name, 0, 't9')}`, ''],
    [`$JS.API.DIRECT.GET.${STREAM}.${subjects.mailbox(name, SHARD)}`, ''],
    [`$JS.ACK.${STREAM}.${name}.1.1.1.1.0`, '+NXT'],
    [`$JS.ACK.${STREAM}.${name}.1.1.1.1.0`, '+ACK'],
    [`troupe.dead.${name}`, 'evil bytes'],
    ['$JS.API.CONSUMER.MSG.NEXT.GOALS.supervisor', BATCH],
    [`$JS.API.CONSUMER.MSG.NEXT.TIMERS.supervisor_${SHARD}`, BATCH],
    ['$JS.API.DIRECT.GET.GOALS', JSON.stringify({ seq: 1 })],
    [`$JS.API.STREAM.INFO.${STREAM}`, ''],
    [`$JS.API.DIRECT.GET.${STREAM}`, JSON.stringify({ seq: 1 })],
    ['troupe.goals.default', 'evil bytes'],
    [`troupe.cancel.${TENANT}.${RUN}`, ''],
    [timerSubject('x'), 'evil bytes'],
    [askSubject(name), 'evil bytes'],
    ['troupe.model.alive', 'evil bytes'],
    [`troupe.api.${TENANT}.runs.create`, 'evil bytes'],
    [`troupe.replicas.${name}`, 'evil bytes'],
  ];
}

/** Asks everything with the answer addressed to the executor's mailbox; returns what of it was stored there. */
async function inject(nc: NatsConnection, name: string, task = `by-${name}`): Promise<string[]> {
  for (const [index, [subject, payload]] of questionsOf(name).entries()) {
    nc.publish(subject, payload, { reply: victim(task, index) });
  }
  await settled(nc, bus.admin);
  return await injected(task);
}

describe('given a question whose answer is addressed to another mailbox', () => {
  it.each([...NAMES, 'client', 'viewer'])(
    'when %s asks all that it may ask, then no answer is stored there',
    async (name) => {
      expect(await inject(name === 'client' ? bus.client : bus.as(name), name)).toEqual([]);
    },
  );

  it('when a role answers a question that was asked like that, then the answer is not stored there', async () => {
    const gateway = bus.as('llm-gateway');
    const supervisor = bus.as('supervisor');
    const answering = [
      gateway.subscribe('troupe.model.ask.*.*', { callback: (_error, message) => void message.respond('evil bytes') }),
      supervisor.subscribe('troupe.api.>', { callback: (_error, message) => void message.respond('evil bytes') }),
    ];
    await settled(gateway, supervisor);
    bus.as('researcher').publish(askSubject('researcher'), 'q', { reply: victim('answered', 0) });
    bus.client.publish(`troupe.api.${TENANT}.runs.create`, 'q', { reply: victim('answered', 1) });
    await settled(bus.as('researcher'), bus.client, gateway, supervisor);
    expect(await injected('answered')).toEqual([]);
    answering.forEach((subscription) => subscription.unsubscribe());
  });

  it('when a role that answers sends its answer elsewhere, then it is not stored either', async () => {
    for (const name of ['llm-gateway', 'supervisor'])
      bus.as(name).publish('_R_.abc', 'x', { reply: victim('elsewhere') });
    await settled(bus.as('llm-gateway'), bus.as('supervisor'));
    expect(await injected('elsewhere')).toEqual([]);
  });

  it('when the administrator does the same, then answers are stored there: the attempts above were real', async () => {
    await inject(bus.admin, 'researcher', 'by-admin');
    await expect.poll(async () => (await injected('by-admin')).length).toBeGreaterThan(4);
  });
});

describe('given headers that the server acts on', () => {
  const own = (ordinal: number) => runSubject('researcher', 'supervisor', ordinal, 't7');
  const publish = (headers: MsgHdrs, ordinal: number) => attempt(bus.as('researcher'), own(ordinal), 'mine', headers);

  it('when a role writes without any, then it is stored: the refusals below are of the headers', async () => {
    expect(cameToNothing(await publish(withHeaders({ 'X-Any': 'thing' }), 0))).toBe(false);
  });

  it.each([
    ['roll up the stream', { 'Nats-Rollup': 'all' }],
    ['roll up its subject', { 'Nats-Rollup': 'sub' }],
    [
      'schedule a message to another',
      { 'Nats-Schedule': '@at 2020-01-01T00:00:00Z', 'Nats-Schedule-Target': victim('scheduled') },
    ],
    ['repeat a message', { 'Nats-Schedule': '@every 1s', 'Nats-Schedule-Target': victim('scheduled') }],
    ['let its message vanish', { 'Nats-TTL': '1s' }],
    ['write in a batch', { 'Nats-Batch-Id': 'b1', 'Nats-Batch-Sequence': '1', 'Nats-Batch-Commit': '1' }],
    ['count', { 'Nats-Incr': '1' }],
    ['expect another stream', { 'Nats-Expected-Stream': 'GOALS' }],
  ])('when a role would %s, then it is refused and everything is still there', async (_what, headers) => {
    const count = async () => (await bus.manager.streams.info(STREAM)).state.messages;
    const before = await count();
    expect(cameToNothing(await publish(withHeaders(headers), 1))).toBe(true);
    expect(await count()).toBe(before);
    expect(await injected('scheduled')).toEqual([]);
  });

  it('when a role has its message traced into a mailbox, then no trace is stored there', async () => {
    const nc = bus.as('researcher');
    nc.publish(own(2), 'mine', { headers: withHeaders({ 'Nats-Trace-Dest': victim('traced') }) });
    const only = { 'Nats-Trace-Dest': victim('traced'), 'Nats-Trace-Only': 'true' };
    nc.publish(own(2), 'mine', { headers: withHeaders(only) });
    // The last one is stored, and is answered when the server is through with those before it.
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(cameToNothing(await publish(withHeaders({ traceparent: parent }), 4))).toBe(false);
    await settled(bus.as('researcher'));
    expect(await injected('traced')).toEqual([]);
  });

  it('when a role takes the message ID of another first, then the other’s message is stored all the same', async () => {
    await publish(withHeaders({ 'Nats-Msg-Id': 'policy-guard.t1.0' }), 3);
    const ack = await must(bus.as('policy-guard'), runSubject('policy-guard', 'tool-executor', 0, 't8'), 'verdict');
    expect(ack.string()).not.toContain('duplicate');
    expect(await injected('t8')).toHaveLength(1);
  });

  it('when the supervisor schedules a timer, then it cannot aim at the stream of runs', async () => {
    const headers = withHeaders({
      'Nats-Schedule': '@at 2020-01-01T00:00:00Z',
      'Nats-Schedule-Target': victim('timed'),
    });
    const result = await attempt(bus.as('supervisor'), timerSubject('x'), 'evil bytes', headers);
    expect(cameToNothing(result)).toBe(true);
    expect(await injected('timed')).toEqual([]);
  });
});
