import { encodeJson } from '@troupe/contract';
import { readLiveResult } from '@troupe/nats';
import type { Msg } from '@nats-io/nats-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  attempt,
  LAYOUT,
  liveResult,
  must,
  NAMES,
  onRefusal,
  runSubject,
  type SecuredBus,
  startSecuredBus,
  TENANT,
  withHeaders,
} from './secured-bus.fixture.ts';
import { endedMessage } from './ended.fixture.ts';

let bus: SecuredBus;
let run: string;
let heard: Msg[];
let runs = 0;

beforeAll(async () => {
  bus = await startSecuredBus();
  bus.client.subscribe(`troupe.results.${TENANT}.>`, { callback: (_error, message) => void heard.push(message) });
  await bus.client.flush();
});
afterAll(() => bus?.stop());
beforeEach(() => {
  heard = [];
  runs += 1;
  run = `01990000-0000-7000-8000-0000000001${runs.toString().padStart(2, '0')}`;
});

const resultSubject = (ordinal = 0) => runSubject('supervisor', 'user', ordinal, 'run', { run });

describe('given people who listen to results', () => {
  it('when a result is stored, then they hear it, with the sequence under which it can be found', async () => {
    await must(bus.as('supervisor'), resultSubject(), encodeJson(endedMessage(run)));
    await expect.poll(() => heard.length).toBe(1);
    const [message] = heard;
    expect(message && readLiveResult(message)).toMatchObject({ run, body: { status: 'completed' } });
    expect(message?.headers?.get('Nats-Subject')).toBe(resultSubject());
  });

  it('when a result is refused by the stream, then nobody hears it', async () => {
    const wrong = withHeaders({ 'Nats-Expected-Last-Subject-Sequence': '999' });
    const refused = await attempt(bus.as('supervisor'), resultSubject(), 'refused', wrong);
    expect(refused.kind === 'reply' && refused.message.string()).toContain('10071');
    await must(bus.as('supervisor'), resultSubject(), 'stored behind it');
    await expect.poll(() => heard.map((message) => message.string())).toEqual(['stored behind it']);
  });

  it('when a role publishes where results are heard, then it is refused', async () => {
    const spoofs = await Promise.all(
      [...NAMES, 'viewer'].map((name) => attempt(bus.as(name), liveResult(run), 'spoof')),
    );
    expect(spoofs.map(({ kind }) => kind)).toEqual(spoofs.map(() => 'refused'));
    // What was sent before it would have been heard before it.
    await must(bus.as('supervisor'), resultSubject(), 'marker');
    await expect.poll(() => heard.map((message) => message.string())).toEqual(['marker']);
  });

  it('when a stranger publishes there, then it is refused: the server names where it would have gone', async () => {
    const refused = Promise.withResolvers<string>();
    const stopHearing = onRefusal(bus.client, `troupe.misdirected.${TENANT}.${run}.run.0`, refused.resolve);
    bus.client.publish(liveResult(run), 'spoof');
    expect(await refused.promise).toContain('Permissions Violation for Publish');
    stopHearing();
    expect(heard).toEqual([]);
  });

  it('when a stranger has answers delivered where a result is heard, then nobody hears them', async () => {
    const { as, client } = bus;
    const serving = as('supervisor').subscribe('troupe.api.>', {
      // The most that a stranger could hope for: an API that answers with what it was sent, headers and all.
      callback: (_error, message) =>
        void message.respond(message.data, message.headers === undefined ? {} : { headers: message.headers }),
    });
    await as('supervisor').flush();
    const reply = liveResult(run);
    const headers = withHeaders({
      'Nats-Stream': LAYOUT.streamOf(run),
      'Nats-Subject': resultSubject(),
      'Nats-Sequence': '1',
    });
    client.publish('troupe.goals.default', '{"goal":"x"}', { reply });
    client.publish(`troupe.api.${TENANT}.runs.create`, encodeJson(endedMessage(run)), { reply, headers });
    client.publish(`troupe.api.${TENANT}.runs.create`, '{}', { reply: 'troupe.results' });
    client.publish('troupe.goals.default', '{}', { headers: withHeaders({ 'Nats-Trace-Dest': reply }) });
    // What is asked behind them is answered behind them, and what is stored after that is heard after them.
    await must(client, 'troupe.goals.default', '{"goal":"x"}');
    await must(client, `troupe.api.${TENANT}.runs.create`, 'behind');
    await must(as('supervisor'), resultSubject(), 'marker');
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    expect(heard.map((message) => message.string())).toEqual(['marker']);
    serving.unsubscribe();
  });

  it('when a stranger listens where such answers go, then it is refused', async () => {
    const subscription = bus.client.subscribe('troupe.misdirected.>');
    const next = subscription[Symbol.asyncIterator]().next();
    await expect(next).rejects.toThrow(/permissions violation/i);
  });
});
