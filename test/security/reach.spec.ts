import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKERS } from '@troupe/actor';
import { parseRunSubject, subjects } from '@troupe/contract';
import {
  attempt,
  cameToNothing,
  everywhere,
  LAYOUT,
  MAILBOXES,
  must,
  NAMES,
  ROLES,
  runSubject,
  type SecuredBus,
  settled,
  SHARD,
  startSecuredBus,
  STREAM,
} from './secured-bus.fixture.ts';

let bus: SecuredBus;
const SECRET = runSubject('somebody', 'nobody', 0, 't9');

beforeAll(async () => {
  bus = await startSecuredBus();
  await must(bus.admin, SECRET, 'secret');
  await must(bus.admin, 'troupe.goals.default', 'a goal');
});
afterAll(() => bus?.stop());

const workers = ROLES.filter(({ kind }) => kind === 'worker' || kind === 'reviewer').map(({ name }) => name);
/** Who a role declares that it writes to. */
const recipientsOf = (name: string): Set<string> =>
  new Set(
    ROLES.filter((role) => role.name === name)
      .flatMap(({ emits }) => Object.values(emits).flat())
      .flatMap((party) => (party === WORKERS ? workers : [party])),
  );

describe('given a role that writes as itself', () => {
  it.each(NAMES)('when %s writes to everybody, then only those whom it declares get it', async (name) => {
    for (const to of MAILBOXES) bus.as(name).publish(runSubject(name, to, 0, 't2'), 'hello');
    await settled(bus.as(name));
    const got = async () =>
      (await bus.stored(runSubject(name, '*', '*', 't2')))
        .map((subject) => parseRunSubject(subject)?.to ?? '')
        .toSorted();
    await expect.poll(got).toEqual([...recipientsOf(name)].toSorted());
  });

  it('when everybody writes as the intake, then only who takes goals may, and to itself alone', async () => {
    for (const name of [...NAMES, 'viewer'])
      for (const to of MAILBOXES) bus.as(name).publish(runSubject('intake', to, 0, 't4'), name);
    for (const to of MAILBOXES) bus.client.publish(runSubject('intake', to, 0, 't4'), 'client');
    await settled(bus.client, ...[...NAMES, 'viewer'].map((name) => bus.as(name)));
    const takers = ROLES.filter(({ takesGoals }) => takesGoals).map(({ name }) => name);
    await expect
      .poll(async () => (await bus.stored(everywhere('t4'))).toSorted())
      .toEqual(takers.map((name) => runSubject('intake', name, 0, 't4')).toSorted());
    for (const name of takers) {
      const by = JSON.stringify({ last_by_subj: runSubject('intake', name, 0, 't4') });
      expect((await must(bus.admin, `$JS.API.DIRECT.GET.${STREAM}`, by)).string()).toBe(name);
    }
  });

  it('when everybody tries everything, then nobody but the guard reaches the executor', async () => {
    const names = [...NAMES, 'viewer'];
    for (const name of names) {
      for (const from of [...NAMES, 'somebody', '*']) {
        bus.as(name).publish(runSubject(from, 'tool-executor', 0, 't3'), name);
        bus.client.publish(runSubject(from, 'tool-executor', 0, 't3'), 'client');
      }
      await settled(bus.as(name), bus.client);
    }
    await expect
      .poll(() => bus.stored(everywhere('t3')))
      .toEqual([runSubject('policy-guard', 'tool-executor', 0, 't3')]);
    const read = await must(
      bus.admin,
      `$JS.API.DIRECT.GET.${STREAM}`,
      JSON.stringify({ last_by_subj: runSubject('policy-guard', 'tool-executor', 0, 't3') }),
    );
    expect(read.string()).toBe('policy-guard');
  });
});

describe('given the whole stream', () => {
  const whole = [`$JS.API.DIRECT.GET.${STREAM}`, `$JS.API.STREAM.MSG.GET.${STREAM}`];
  const bySeq = JSON.stringify({ seq: 1 });

  it('when the administrator reads it by sequence, then it is there to be read', async () => {
    for (const subject of whole) expect(cameToNothing(await attempt(bus.admin, subject, bySeq))).toBe(false);
  });

  /** The archiver reads all of it. */
  const others = NAMES.filter((name) => name !== 'archiver');

  it('when the archiver reads it by sequence, then it gets it, and by a subject in the request nothing', async () => {
    const archiver = bus.as('archiver');
    const [all = ''] = whole;
    expect(cameToNothing(await attempt(archiver, all, bySeq))).toBe(false);
    for (const subject of [`${all}.>`, `${all}.${SECRET}`, `$JS.API.STREAM.MSG.GET.${STREAM}`])
      expect(cameToNothing(await attempt(archiver, subject, bySeq))).toBe(true);
  });

  it.each([...others, 'client'])('when %s reads it by sequence or by subject, then it gets nothing', async (name) => {
    const nc = name === 'client' ? bus.client : bus.as(name);
    const payloads = [bySeq, JSON.stringify({ next_by_subj: '>' }), JSON.stringify({ last_by_subj: SECRET })];
    const places = [...whole, `$JS.API.DIRECT.GET.${STREAM}.>`, `$JS.API.DIRECT.GET.${STREAM}.${SECRET}`];
    const results = await Promise.all(
      places.flatMap((subject) => payloads.map((payload) => attempt(nc, subject, payload))),
    );
    expect(results.every(cameToNothing)).toBe(true);
  });

  it.each(NAMES.filter((name) => recipientsOf(name).size > 0))(
    'when %s smuggles another question into a read that it may make, then it gets nothing of it',
    async (name) => {
      const allowed = [subjects.mailbox(name, SHARD), subjects.outbox(name, SHARD), runSubject('x', name)];
      const payloads = [
        { seq: 1 },
        { next_by_subj: 'troupe.runs.>' },
        { last_by_subj: SECRET },
        { multi_last: ['troupe.runs.>'] },
        { batch: 10, next_by_subj: '>' },
        { batch: 10, seq: 1 },
      ];
      const results = await Promise.all(
        allowed.flatMap((subject) =>
          payloads.map((payload) =>
            attempt(bus.as(name), `$JS.API.DIRECT.GET.${STREAM}.${subject}`, JSON.stringify(payload)),
          ),
        ),
      );
      const texts = results.flatMap((result) => (result.kind === 'reply' ? [result.message.string()] : []));
      expect(texts.filter((text) => text.includes('secret'))).toEqual([]);
    },
  );

  it.each(others)('when %s reads the goals and it does not take goals, then it gets nothing', async (name) => {
    const result = await attempt(bus.as(name), '$JS.API.DIRECT.GET.GOALS', JSON.stringify({ seq: 1 }));
    const takesGoals = ROLES.some((role) => role.name === name && role.takesGoals === true);
    expect(cameToNothing(result)).toBe(!takesGoals);
  });
});

describe('given streams and consumers', () => {
  const consumer = { stream_name: STREAM, config: { durable_name: 'spy', ack_policy: 'none', filter_subject: '>' } };
  const requests: [string, object][] = [
    [`CONSUMER.CREATE.${STREAM}`, { stream_name: STREAM, config: { ack_policy: 'none' } }],
    [`CONSUMER.CREATE.${STREAM}.spy`, consumer],
    [`CONSUMER.CREATE.${STREAM}.spy.troupe.runs.>`, consumer],
    [`CONSUMER.DURABLE.CREATE.${STREAM}.spy`, consumer],
    [`CONSUMER.DELETE.${STREAM}.tool-executor`, {}],
    [`CONSUMER.PAUSE.${STREAM}.tool-executor`, { pause_until: '2099-01-01T00:00:00Z' }],
    [`CONSUMER.UNPIN.${STREAM}.tool-executor`, { group: 'x' }],
    [`CONSUMER.RESET.${STREAM}.tool-executor`, {}],
    [`STREAM.PURGE.${STREAM}`, {}],
    [`STREAM.DELETE.${STREAM}`, {}],
    [`STREAM.MSG.DELETE.${STREAM}`, { seq: 1 }],
    [`STREAM.UPDATE.${STREAM}`, { name: STREAM, subjects: ['troupe.nothing'] }],
    ['STREAM.CREATE.SPY', { name: 'SPY', subjects: ['troupe.spy'], sources: [{ name: STREAM }] }],
    [`STREAM.SNAPSHOT.${STREAM}`, { deliver_subject: 'spy' }],
    [`STREAM.INFO.${STREAM}`, {}],
    ['STREAM.NAMES', {}],
  ];

  it.each([...NAMES, 'viewer', 'client'])('when %s would change them, then it cannot', async (name) => {
    const nc = name === 'client' ? bus.client : bus.as(name);
    const results = await Promise.all(
      requests.map(async ([api, body]) => ({
        api,
        cameToNothing: cameToNothing(await attempt(nc, `$JS.API.${api}`, JSON.stringify(body))),
      })),
    );
    expect(results.filter((result) => !result.cameToNothing)).toEqual([]);
  });

  it('when all of that was tried, then streams, messages and consumers are as they were made', async () => {
    const streams = await bus.manager.streams.list().next();
    expect(streams.map(({ config }) => config.name).toSorted()).toEqual([
      'ARCHIVE',
      'DEAD',
      'GOALS',
      ...LAYOUT.streams,
      'TIMERS',
    ]);
    const consumers = await bus.manager.consumers.list(STREAM).next();
    const declared = ROLES.filter(({ consumes }) => Object.keys(consumes).length > 0).map(({ name }) => name);
    expect(consumers.map(({ name }) => name).toSorted()).toEqual(declared);
    expect(consumers.every(({ paused }) => paused !== true)).toBe(true);
    expect(cameToNothing(await attempt(bus.admin, `$JS.API.DIRECT.GET.${STREAM}.${SECRET}`))).toBe(false);
  });

  it('when the administrator makes a consumer, then that works: the attempts above were real', async () => {
    const reply = await must(bus.admin, `$JS.API.CONSUMER.DURABLE.CREATE.${STREAM}.spy`, JSON.stringify(consumer));
    expect(reply.string()).toContain('"name":"spy"');
    await must(bus.admin, `$JS.API.CONSUMER.DELETE.${STREAM}.spy`);
  });
});
