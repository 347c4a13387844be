import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  askSubject,
  attempt,
  cameToNothing,
  DUE,
  liveResult,
  must,
  NAMES,
  ROLES,
  RUN,
  runSubject,
  type SecuredBus,
  settled,
  startSecuredBus,
  STREAM,
  TENANT,
  timerSubject,
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

const EVERYWHERE = ['>', '*.>', 'troupe.>', 'troupe.runs.>', '_INBOX.>', '_R_.>', '$JS.>', '$SYS.>', 'troupe.due.>'];

describe('given somebody who listens', () => {
  it.each(NAMES)('when %s listens beyond its own, then each subscription is refused', async (name) => {
    const others = NAMES.filter((other) => other !== name).map((other) => `_INBOX_${other}.>`);
    const served = ROLES.flatMap((role) => [
      ...(role.answersQuestions && role.name !== name ? ['troupe.model.ask.*.*', askSubject('writer')] : []),
      ...(role.servesApi && role.name !== name ? ['troupe.api.>', `troupe.api.${TENANT}.runs.create`] : []),
      ...(role.name === name ? [] : [`troupe.replicas.${role.name}`]),
    ]);
    const subjects = [...EVERYWHERE, ...others, ...served, '_INBOX_*.>', '_INBOX_viewer.>'];
    const spy = listen(bus.as(name), subjects);
    await settled(bus.as(name));
    expect(spy.refused.toSorted()).toEqual(subjects.toSorted());
    spy.close();
  });

  it('when people without credentials listen beyond results, then each subscription is refused', async () => {
    const subjects = [
      ...EVERYWHERE.filter((subject) => subject !== '_INBOX.>'),
      'troupe.api.>',
      'troupe.goals.*',
      'troupe.model.ask.*.*',
      'troupe.replicas.*',
      '_INBOX_*.>',
      'troupe.results.>',
      'troupe.results.acme.>',
      'troupe.results.*.>',
    ];
    const spy = listen(bus.client, subjects);
    await settled(bus.client);
    expect(spy.refused.toSorted()).toEqual(subjects.toSorted());
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
    const create = `troupe.api.${TENANT}.runs.create`;
    expect((await must(bus.client, create, '{}')).string()).toBe('served');
    expect((await must(bus.as('viewer'), create, '{}')).string()).toBe('served');
    expect((await attempt(bus.client, 'troupe.api.acme.runs.create', '{}')).kind).toBe('refused');
    serving.unsubscribe();
  });

  it('when a result is written, then they hear it live', async () => {
    const spy = listen(bus.client, [`troupe.results.${TENANT}.>`]);
    await bus.client.flush();
    await must(bus.as('supervisor'), runSubject('supervisor', 'user', 0, 'run'), '{}');
    await settled(bus.client);
    expect(spy.heard).toEqual([liveResult()]);
    spy.close();
  });

  it('when they hear the wire in one inbox, then not what is answered to roles', async () => {
    const spy = listen(bus.client, ['_INBOX.>']);
    await must(bus.as('researcher'), runSubject('researcher', 'supervisor', 7), 'x');
    await must(bus.as('viewer'), `$JS.API.DIRECT.GET.${STREAM}.troupe.>`);
    await settled(bus.client);
    expect(spy.heard).toEqual([]);
    spy.close();
  });

  it.each([
    `troupe.cancel.${TENANT}.${RUN}`,
    'troupe.dead.researcher',
    timerSubject('x'),
    DUE,
    askSubject('writer'),
    'troupe.model.alive',
    '$JS.API.INFO',
    `$JS.API.CONSUMER.MSG.NEXT.${STREAM}.supervisor`,
    `$JS.ACK.${STREAM}.supervisor.1.1.1.1.0`,
    '$SYS.REQ.SERVER.PING',
    runSubject('supervisor', 'user', 9, 'run'),
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

  it('when a role asks a model in the name of another, then it is refused; in its own it is heard', async () => {
    const gateway = bus.as('llm-gateway');
    const answering = gateway.subscribe('troupe.model.ask.*.*', {
      callback: (_error, message) => void message.respond(message.subject),
    });
    await gateway.flush();
    const askers = ROLES.filter(({ asksModels }) => asksModels).map(({ name }) => name);
    expect(askers.length).toBeGreaterThan(2);
    for (const name of NAMES) {
      const others = askers.filter((other) => other !== name);
      const results = await Promise.all(others.map((other) => attempt(bus.as(name), askSubject(other), 'q')));
      expect([name, ...results.map(({ kind }) => kind)]).toEqual([name, ...others.map(() => 'refused')]);
    }
    for (const name of askers)
      expect((await must(bus.as(name), askSubject(name), 'q')).string()).toBe(askSubject(name));
    answering.unsubscribe();
  });

  it('when a role says that it is a replica of another, then that one does not hear it', async () => {
    const spy = listen(bus.as('critic'), ['troupe.replicas.critic']);
    await bus.as('critic').flush();
    for (const name of NAMES.filter((other) => other !== 'critic')) bus.as(name).publish('troupe.replicas.critic', 'x');
    await settled(...NAMES.map((name) => bus.as(name)));
    expect(spy).toMatchObject({ heard: [], refused: [] });
    bus.as('critic').publish('troupe.replicas.critic', 'x');
    await settled(bus.as('critic'));
    expect(spy.heard).toEqual(['troupe.replicas.critic']);
    spy.close();
  });

  it('when a worker asks for goals, cancels or timers, then it is refused', async () => {
    const workers = NAMES.filter((name) => name !== 'supervisor');
    const subjects = ['troupe.goals.default', `troupe.cancel.${TENANT}.${RUN}`, timerSubject('x'), DUE];
    const results = await Promise.all(
      workers.flatMap((name) => subjects.map((subject) => attempt(bus.as(name), subject, '{"goal":"x"}'))),
    );
    expect(results.every(cameToNothing)).toBe(true);
  });
});
