import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { questionOf } from '../providers/question.fixture.ts';
import type { FailureKind } from '../providers/provider.ts';
import {
  failureOf,
  hanging,
  modelOf,
  replyOf,
  rigOf,
  type Said,
  sayingProvider,
  type SleepingClock,
  USAGE,
} from './calling.fixture.ts';
import { CALL_MS_MAX, HANG_MS } from './inquiry.ts';
import { OPEN_WAIT_MS_MAX } from './policy.ts';

const never = new AbortController().signal;

/** One model that says this. */
function one(...said: [Said, ...Said[]]) {
  const provider = sayingProvider('a', ...said);
  return { ...rigOf({ model: modelOf('a'), provider }), provider };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** Breakers go by the time of day. */
function tellTheTime(clock: SleepingClock): void {
  const pass = clock.pass.bind(clock);
  clock.pass = (ms) => {
    vi.setSystemTime(Date.now() + ms);
    pass(ms);
  };
}

describe('given one model, and no other', () => {
  it.each<FailureKind>(['overloaded', 'unreachable'])(
    'when it is %s for a minute, then it is asked until it is back',
    async (kind) => {
      const { models, clock } = one(() => (clock.now() < 60_000 ? failureOf(kind) : replyOf()));
      tellTheTime(clock);
      expect(await models.ask(questionOf({ timeoutMs: 300_000 }), never)).toMatchObject({ ok: true });
    },
  );

  it('when it is down for longer than is worth waiting for, then the question is unavailable', async () => {
    const { models, clock } = one(failureOf('unreachable'));
    tellTheTime(clock);
    expect(await models.ask(questionOf({ timeoutMs: 3_600_000 }), never)).toMatchObject({ kind: 'unavailable' });
    expect(clock.now()).toBeGreaterThan(OPEN_WAIT_MS_MAX / 2);
    expect(clock.now()).toBeLessThanOrEqual(OPEN_WAIT_MS_MAX + 10_000);
  });
});

describe('given two models, the first of which hangs', () => {
  it('when a call has taken as long as one may, then the second is asked', async () => {
    const a = sayingProvider('a', hanging);
    const b = sayingProvider('b', replyOf({ text: 'From b.' }));
    const { models, clock } = rigOf({ model: modelOf('a'), provider: a }, { model: modelOf('b'), provider: b });
    const answer = models.ask(questionOf({ timeoutMs: 2 * CALL_MS_MAX }), never);
    await expect.poll(() => a.calls.length).toBe(1);
    clock.pass(CALL_MS_MAX);
    expect(await answer).toMatchObject({ ok: true, text: 'From b.' });
    expect(a.calls).toHaveLength(1);
  });
});

describe('given two models, the first of which takes one call at once', () => {
  it('when that call is open, then a question that comes is answered by the second', async () => {
    const open = Promise.withResolvers<ReturnType<typeof replyOf>>();
    const a = sayingProvider('a', failureOf('rate_limited'), () => open.promise);
    const b = sayingProvider('b', replyOf({ text: 'From b.' }));
    const { models } = rigOf({ model: modelOf('a'), provider: a }, { model: modelOf('b'), provider: b });
    const first = models.ask(questionOf(), never);
    await expect.poll(() => a.calls.length).toBe(2);
    expect(await models.ask(questionOf({ id: 'second' }), never)).toMatchObject({ ok: true, text: 'From b.' });
    open.resolve(replyOf({ text: 'From a.' }));
    expect(await first).toMatchObject({ text: 'From a.' });
  });
});

describe('given a call that is open when the time of its question is over', () => {
  const wordy: Said = async (call, signal) => {
    await (typeof hanging === 'function' && hanging(call, signal));
    return failureOf('aborted', { usage: USAGE });
  };

  it.each<[string, Said, string]>([
    ['nothing came, then that is an outage', hanging, 'a:timeout'],
    ['something came, then it is not: somebody was in a hurry', wordy, 'a:aborted'],
  ])('when %s', async (_, said, ended) => {
    const { models, clock, called } = one(said);
    const answer = models.ask(questionOf({ timeoutMs: HANG_MS }), never);
    await Promise.resolve();
    clock.pass(HANG_MS);
    expect(await answer).toMatchObject({ ok: false, kind: 'timeout' });
    expect(called).toEqual([ended]);
  });

  it('when it is the asker who keeps the time, then that is an outage too', async () => {
    const { models, clock, called } = one(hanging);
    const asker = new AbortController();
    const answer = models.ask(questionOf({ timeoutMs: 2 * HANG_MS }), asker.signal);
    await Promise.resolve();
    clock.pass(HANG_MS);
    asker.abort(new DOMException('', 'TimeoutError'));
    expect(await answer).toMatchObject({ kind: 'timeout', message: `a: no answer within ${2 * HANG_MS} ms` });
    expect(called).toEqual(['a:timeout']);
  });
});

describe('given questions that have ended', () => {
  it.each<[string, Said]>([
    ['answers', replyOf()],
    ['failures', failureOf('rejected')],
  ])('when they were %s, then no time is kept for them', async (_, said) => {
    const { models, clock } = one(said);
    for (let nth = 0; nth < 10; nth += 1) await models.ask(questionOf({ id: `q${nth}` }), never);
    expect(clock.deadlines).toBe(0);
  });
});

describe('given a failure of a kind that there is not', () => {
  it('when it is handed out, then as one that an asker can read', async () => {
    const kinds: Record<string, FailureKind> = {};
    const { models } = one(failureOf(kinds['constructor'] ?? 'rejected', { usage: USAGE }));
    expect(await models.ask(questionOf(), never)).toMatchObject({ ok: false, kind: 'malformed', usage: USAGE });
  });
});
