import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attempt,
  cameToNothing,
  must,
  NAMES,
  ROLES,
  RUN,
  runSubject,
  type SecuredBus,
  settled,
  startSecuredBus,
} from './secured-bus.fixture.ts';

let bus: SecuredBus;
beforeAll(async () => {
  bus = await startSecuredBus();
});
afterAll(() => bus?.stop());

/** Listens on subjects; tells what came in, and which subjects were refused. */
function listen(nc: NatsConnection, subjects: string[]) {
  const heard: string[] = [];
  const refused: string[] = [];
  const subscriptions = subjects.map((subject) =>
    nc.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) heard.push(message.subject);
        else refused.push(subject);
      },
    }),
  );
  return { heard, refused, close: () => subscriptions.forEach((subscription) => subscription.unsubscribe()) };
}

const EVERYWHERE = ['>', '*.>', 'troupe.>', 'troupe.runs.>', '_INBOX.>', '_R_.>', '$JS.>', '$SYS.>', 'troupe.due.*'];

describe('given somebody who listens', () => {
  it.each(NAMES)('when %s listens beyond its own, then each subscription is refused', async (name) => {
    const others = NAMES.filter((other) => other !== name).map((other) => `_INBOX_${other}.>`);
    const served = ROLES.flatMap((role) => [
      ...(role.answersQuestions && role.name !== name ? ['troupe.model.ask'] : []),
      ...(role.servesApi && role.name !== name ? ['troupe.api.>', 'troupe.api.runs.create'] : []),
    ]);
    const subjects = [...EVERYWHERE, ...others, ...served, '_INBOX_*.>', '_INBOX_viewer.>'];
    const spy = listen(bus.as(name), subjects);
    await settled(bus.as(name));
    expect(spy.refused.toSorted()).toEqual(subjects.toSorted());
    spy.close();
  });

  it('when people without credentials listen beyond results, then each subscription is refused', async () => {
    const subjects = EVERYWHERE.filter((subject) => subject !== '_INBOX.>');
    const spy = listen(bus.client, [...subjects, 'troupe.api.>', 'troupe.goals.*', 'troupe.model.ask', '_INBOX_*.>']);
    await settled(bus.client);
    expect(spy.refused).toHaveLength(subjects.length + 4);
    spy.close();
  });

  it('when a role listens in its own inbox, then it may, and hears nothing of the others', async () => {
    const spy = listen(bus.as('writer'), ['_INBOX_writer.>']);
    await must(bus.as('researcher'), runSubject('researcher', 'supervisor'), 'x');
    bus.as('researcher').publish('_INBOX_writer.abc', 'x');
    bus.client.publish('_INBOX_writer.abc', 'x');
    await settled(bus.as('researcher'), bus.client, bus.as('writer'));
    expect(spy).toMatchObject({ heard: [], refused: [] });
    spy.close();
  });
});

describe('given people without credentials', () => {
  it('when they publish a goal, then it is stored', async () => {
    expect((await must(bus.client, 'troupe.goals.default', '{"goal":"x"}')).string()).toContain('"stream":"GOALS"');
  });

  it('when they call the API, then the supervisor hears it and may answer', async () => {
    const nc = bus.as('supervisor');
    const serving = nc.subscribe('troupe.api.>', { callback: (_error, message) => void message.respond('served') });
    await nc.flush();
    expect((await must(bus.client, 'troupe.api.runs.create', '{}')).string()).toBe('served');
    expect((await must(bus.as('viewer'), 'troupe.api.runs.create', '{}')).string()).toBe('served');
    serving.unsubscribe();
  });

  it('when a result is written, then they hear it live', async () => {
    const spy = listen(bus.client, ['troupe.results.>']);
    await bus.client.flush();
    await must(bus.as('supervisor'), runSubject('supervisor', 'user', 0, 'run'), '{}');
    await settled(bus.client);
    expect(spy.heard).toEqual([`troupe.results.${RUN}.run.0`]);
    spy.close();
  });

  it('when they hear the wire in one inbox, then not what is answered to roles', async () => {
    const spy = listen(bus.client, ['_INBOX.>']);
    await must(bus.as('researcher'), runSubject('researcher', 'supervisor', 7), 'x');
    await must(bus.as('viewer'), '$JS.API.DIRECT.GET.RUNS.troupe.>');
    await settled(bus.client);
    expect(spy.heard).toEqual([]);
    spy.close();
  });

  it.each([
    `troupe.cancel.default.${RUN}`,
    'troupe.dead.researcher',
    'troupe.timers.supervisor.x',
    'troupe.due.supervisor',
    'troupe.model.ask',
    'troupe.model.alive',
    '$JS.API.INFO',
    '$JS.API.CONSUMER.MSG.NEXT.RUNS.supervisor',
    '$JS.ACK.RUNS.supervisor.1.1.1.1.0',
    '$SYS.REQ.SERVER.PING',
    `troupe.runs.${RUN}.run.supervisor.user.9`,
  ])('when they publish to %s, then it is refused', async (subject) => {
    const result = await attempt(bus.client, subject, '{}');
    expect(result.kind).toBe('refused');
  });

  it('when they come with a name and password that are not theirs, then they are not let in', async () => {
    const options = { servers: bus.server.url, user: 'admin', pass: 'admin', reconnect: false };
    await expect(connect(options)).rejects.toThrow(/authorization/i);
  });
});

describe('given a role that would pass for a service', () => {
  it('when a worker says that it is a living gateway, or answers for one, then nobody hears it', async () => {
    const spy = listen(bus.as('critic'), ['troupe.model.alive']);
    await bus.as('critic').flush();
    for (const name of NAMES.filter((other) => other !== 'llm-gateway'))
      bus.as(name).publish('troupe.model.alive', 'x');
    await settled(...NAMES.map((name) => bus.as(name)));
    expect(spy.heard).toEqual([]);
    bus.as('llm-gateway').publish('troupe.model.alive', 'x');
    await settled(bus.as('llm-gateway'), bus.as('critic'));
    expect(spy.heard).toEqual(['troupe.model.alive']);
    spy.close();
  });

  it('when a worker asks for goals, cancels or timers, then it is refused', async () => {
    const workers = NAMES.filter((name) => name !== 'supervisor');
    const subjects = [
      'troupe.goals.default',
      `troupe.cancel.default.${RUN}`,
      'troupe.timers.supervisor.x',
      'troupe.due.supervisor',
    ];
    const results = await Promise.all(
      workers.flatMap((name) => subjects.map((subject) => attempt(bus.as(name), subject, '{"goal":"x"}'))),
    );
    expect(results.every(cameToNothing)).toBe(true);
  });
});
