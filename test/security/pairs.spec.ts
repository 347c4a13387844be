import type { Msg } from '@nats-io/nats-core';
import { subjects } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attempt,
  cameToNothing,
  everywhere,
  MAILBOXES,
  must,
  NAMES,
  pull,
  ROLES,
  runSubject,
  type SecuredBus,
  settled,
  SHARD,
  startSecuredBus,
  STREAM,
} from './secured-bus.fixture.ts';

const PAIRS = NAMES.flatMap((a) => NAMES.filter((b) => b !== a).map((b) => [a, b] as const));
const CONSUMERS = ROLES.filter(({ consumes }) => Object.keys(consumes).length > 0).map(({ name }) => name);
const WITH_MAILBOX = PAIRS.filter(([, b]) => CONSUMERS.includes(b));

let bus: SecuredBus;
/** Acknowledgement subjects of deliveries that each role holds and has not settled. */
const unsettled = new Map<string, string>();

/** A role's next message, pulled with its own credentials. */
async function pulled(name: string): Promise<Msg> {
  const result = await pull(bus.as(name), name, name);
  if (result.kind !== 'reply') throw new Error(`${name} could not pull: ${result.kind}`);
  expect(result.message.string()).toBe(`for ${name}`);
  return result.message;
}

beforeAll(async () => {
  bus = await startSecuredBus();
  // Every mailbox holds one message that its role has pulled and one that it has not, so that there is something to steal.
  for (const name of CONSUMERS) {
    for (const ordinal of [0, 1]) await must(bus.admin, runSubject('somebody', name, ordinal, 't9'), `for ${name}`);
    unsettled.set(name, (await pulled(name)).reply ?? '');
  }
});
afterAll(() => bus?.stop());

describe('given the credentials of one role', () => {
  it.each(PAIRS)('when %s writes as %s to any mailbox, then nothing is stored', async (a, b) => {
    const before = await bus.taken();
    for (const to of MAILBOXES) bus.as(a).publish(runSubject(b, to), 'forged');
    // Wildcards and odd tokens in the place of the name, too.
    for (const name of ['*', '>', `${b}.${b}`, `${a}.${b}`])
      bus.as(a).publish(runSubject(name, 'supervisor'), 'forged');
    await settled(bus.as(a));
    expect(await bus.stored(everywhere('t1'))).toEqual([]);
    expect(await bus.taken()).toBe(before);
  });

  it.each(WITH_MAILBOX)('when %s pulls from or looks at the consumer of %s, then it gets nothing', async (a, b) => {
    const results = await Promise.all([
      pull(bus.as(a), a, b),
      attempt(bus.as(a), `$JS.API.CONSUMER.INFO.${STREAM}.${b}`),
    ]);
    expect(results.map(cameToNothing)).toEqual([true, true]);
  });

  it.each(WITH_MAILBOX)('when %s settles a delivery of %s, then it stays unsettled', async (a, b) => {
    for (const word of ['+ACK', '+TERM', '-NAK', '+NXT']) bus.as(a).publish(unsettled.get(b) ?? '', word);
    await settled(bus.as(a));
    expect((await bus.manager.consumers.info(STREAM, b)).num_ack_pending).toBe(1);
  });

  it.each(WITH_MAILBOX)('when %s reads the mailbox or the outbox of %s, then it gets nothing', async (a, b) => {
    const results = await Promise.all(
      [
        runSubject('somebody', b, 0, 't9'),
        subjects.mailbox(b, SHARD),
        subjects.outbox(b, SHARD),
        runSubject('*', b, '*', 't9'),
      ].map((subject) => attempt(bus.as(a), `$JS.API.DIRECT.GET.${STREAM}.${subject}`)),
    );
    expect(results.map(cameToNothing)).toEqual([true, true, true, true]);
  });
});

describe('given the same attempts with the right credentials', () => {
  it.each(CONSUMERS)('when %s reads its own mailbox, then it gets what is in it', async (name) => {
    const read = await must(bus.as(name), `$JS.API.DIRECT.GET.${STREAM}.${runSubject('somebody', name, 0, 't9')}`);
    expect(read.string()).toBe(`for ${name}`);
  });

  it.each(ROLES.map(({ name }) => name))(
    'when %s writes as itself to whom it declares, then it is stored',
    async (name) => {
      const role = ROLES.find((candidate) => candidate.name === name);
      const declared = new Set(
        Object.values(role?.emits ?? {})
          .flat()
          .map(String),
      );
      for (const to of [...declared].filter((party) => party !== '@workers')) {
        const ack = await must(bus.as(name), runSubject(name, to, 0, 't5'), 'mine');
        expect(ack.string()).toContain('"seq":');
        const read = await must(bus.as(name), `$JS.API.DIRECT.GET.${STREAM}.${runSubject(name, to, 0, 't5')}`);
        expect(read.string()).toBe('mine');
      }
    },
  );

  it.each(CONSUMERS)(
    'when %s settles its delivery, then it is settled, and the next one can be pulled',
    async (name) => {
      const nc = bus.as(name);
      await must(nc, unsettled.get(name) ?? '', '+ACK');
      await must(nc, (await pulled(name)).reply ?? '', '+ACK');
      expect((await bus.manager.consumers.info(STREAM, name)).num_ack_pending).toBe(0);
    },
  );
});
