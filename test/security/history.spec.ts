import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attempt,
  must,
  runSubject,
  type SecuredBus,
  startSecuredBus,
  STREAM,
  withHeaders,
} from './secured-bus.fixture.ts';

/**
 * Every message of a run has a subject of its own. Whoever could write a second one there would change what was said:
 * actors are rebuilt from the last message of each subject.
 */
let bus: SecuredBus;
const WRONG_LAST_SEQUENCE = 10_071;
const STORE_FAILED = 10_077;
const ACTOR = runSubject('researcher', '*', '*');
const expecting = (seq: number) => ({
  'Nats-Expected-Last-Subject-Sequence': String(seq),
  'Nats-Expected-Last-Subject-Sequence-Subject': ACTOR,
});

beforeAll(async () => {
  bus = await startSecuredBus();
});
afterAll(() => bus?.stop());

/** Writes over raw connections; gives the error code of the refusal, or undefined if it was stored. */
async function write(
  nc: NatsConnection,
  subject: string,
  payload: string,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  const result = await attempt(nc, subject, payload, withHeaders(headers));
  if (result.kind !== 'reply') throw new Error(`${subject} was not answered by the stream: ${result.kind}`);
  return result.message.json<{ error?: { err_code: number } }>().error?.err_code;
}

const readBack = async (subject: string): Promise<string> =>
  (await must(bus.as('researcher'), `$JS.API.DIRECT.GET.${STREAM}.${subject}`)).string();

describe('given a message that a role has stored', () => {
  const subject = runSubject('researcher', 'policy-guard', 0);
  let seq: number;
  beforeAll(async () => {
    expect(await write(bus.as('researcher'), subject, 'said', expecting(0))).toBeUndefined();
    seq = await bus.lastSeq();
  });

  it('when the same append is repeated, then its expectation is not met, which its writer can look into', async () => {
    expect(await write(bus.as('researcher'), subject, 'said', expecting(0))).toBe(WRONG_LAST_SEQUENCE);
  });

  it.each<[string, (last: number) => Record<string, string>]>([
    ['without any expectation', () => ({})],
    ['with the expectation met', expecting],
    ['with the last sequence of its own subject', (last) => ({ 'Nats-Expected-Last-Subject-Sequence': `${last}` })],
    ['with the last sequence of the stream', (last) => ({ 'Nats-Expected-Last-Sequence': `${last}` })],
    ['with the stream’s name', () => ({ 'Nats-Expected-Stream': STREAM })],
    ['under a message ID', () => ({ 'Nats-Msg-Id': 'again' })],
    ['with a rollup of nothing', () => ({ 'Nats-Rollup': '' })],
    ['as a delete marker', () => ({ 'Nats-Marker-Reason': 'MaxAge' })],
    ['as if from another stream', () => ({ 'Nats-Stream-Source': `${STREAM} 1 > > >` })],
  ])('when its writer writes there again %s, then it is refused', async (_how, headers) => {
    expect(await write(bus.as('researcher'), subject, 'rewritten', headers(seq))).toBe(STORE_FAILED);
    expect(await readBack(subject)).toBe('said');
    expect(await bus.lastSeq()).toBe(seq);
  });

  it.each([
    ['rolls it up', { 'Nats-Rollup': 'sub' }],
    ['rolls up everything', { 'Nats-Rollup': 'all' }],
    ['lets it vanish', { 'Nats-TTL': '1s' }],
    ['schedules it', { 'Nats-Schedule': '@at 2020-01-01T00:00:00Z', 'Nats-Schedule-Target': subject }],
    ['repeats it', { 'Nats-Schedule': '@every 1s', 'Nats-Schedule-Target': subject }],
    ['counts on it', { 'Nats-Incr': '1' }],
    ['writes it in a batch', { 'Nats-Batch-Id': 'b1', 'Nats-Batch-Sequence': '1', 'Nats-Batch-Commit': '1' }],
  ])('when its writer %s, then the server refuses the header, and the message stays', async (_what, headers) => {
    expect(await write(bus.as('researcher'), subject, 'rewritten', headers)).toBeGreaterThan(10_000);
    expect(await readBack(subject)).toBe('said');
    expect(await bus.lastSeq()).toBe(seq);
  });

  it('when the administrator writes there, then it is refused, too', async () => {
    expect(await write(bus.admin, subject, 'rewritten')).toBe(STORE_FAILED);
    expect(await readBack(subject)).toBe('said');
  });

  it('when its writer goes on, then the next message is stored', async () => {
    const next = runSubject('researcher', 'policy-guard', 1);
    expect(await write(bus.as('researcher'), next, 'said too', expecting(seq))).toBeUndefined();
    expect(await readBack(next)).toBe('said too');
  });
});

describe('given a result that people have heard', () => {
  it('when the supervisor writes another, then it is refused, and nobody hears it', async () => {
    const heard: string[] = [];
    const nc = bus.as('supervisor');
    const listening = bus.client.subscribe('troupe.results.default.>', {
      callback: (_error, message) => void heard.push(message.string()),
    });
    await bus.client.flush();
    expect(await write(nc, runSubject('supervisor', 'user', 0, 'run'), 'first')).toBeUndefined();
    expect(await write(nc, runSubject('supervisor', 'user', 0, 'run'), 'second')).toBe(STORE_FAILED);
    // Behind it on the same connection: when this one is heard, the refused one would have been.
    expect(await write(nc, runSubject('supervisor', 'user', 1, 'run'), 'marker')).toBeUndefined();
    await expect.poll(() => heard).toContain('marker');
    expect(heard).toEqual(['first', 'marker']);
    listening.unsubscribe();
  });
});
