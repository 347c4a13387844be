import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FailureKind, Outcome } from '../providers/provider.ts';
import { BREAKER_FAILURES, BREAKER_OPEN_MS, Breakers } from './breakers.ts';
import { failureOf, modelOf, replyOf } from './calling.fixture.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const model = modelOf('a');
const saying = (outcome: Outcome) => () => Promise.resolve(outcome);

async function fail(breakers: Breakers, times: number, kind: FailureKind = 'unreachable'): Promise<void> {
  for (let nth = 0; nth < times; nth += 1) await breakers.ask(model, saying(failureOf(kind)));
}

async function opened(): Promise<Breakers> {
  const breakers = new Breakers();
  await fail(breakers, BREAKER_FAILURES);
  return breakers;
}

describe('given a model that does not answer', () => {
  it.each<FailureKind>(['unreachable', 'overloaded', 'timeout'])(
    'when so many calls in a row are %s, then it is left alone',
    async (kind) => {
      const breakers = new Breakers();
      await fail(breakers, BREAKER_FAILURES - 1, kind);
      expect(breakers.stateOf(model)).toBe('closed');
      await fail(breakers, 1, kind);
      expect(breakers.stateOf(model)).toBe('open');
      const call = vi.fn<() => Promise<Outcome>>();
      expect(await breakers.ask(model, call)).toMatchObject({ kind: 'open', retryAfterMs: BREAKER_OPEN_MS });
      expect(call).not.toHaveBeenCalled();
    },
  );

  it('when one call between is answered, then it is not', async () => {
    const breakers = new Breakers();
    await fail(breakers, BREAKER_FAILURES - 1);
    await breakers.ask(model, saying(replyOf()));
    await fail(breakers, BREAKER_FAILURES - 1);
    expect(breakers.stateOf(model)).toBe('closed');
  });

  it.each<FailureKind>(['rate_limited', 'rejected', 'unauthorised', 'refused', 'malformed', 'aborted'])(
    'when calls are %s, then it is there, and is not left alone',
    async (kind) => {
      const breakers = new Breakers();
      await fail(breakers, 3 * BREAKER_FAILURES, kind);
      expect(breakers.stateOf(model)).toBe('closed');
    },
  );

  it('when another model of its provider is asked, then that is another matter', async () => {
    const breakers = await opened();
    expect(await breakers.ask({ ...model, name: 'other' }, saying(replyOf()))).toMatchObject({ ok: true });
  });
});

describe('given a model that was left alone for long enough', () => {
  it('when it answers one call, then it is asked as before', async () => {
    const breakers = await opened();
    vi.setSystemTime(Date.now() + BREAKER_OPEN_MS);
    expect(await breakers.ask(model, saying(replyOf()))).toMatchObject({ ok: true });
    expect(breakers.stateOf(model)).toBe('closed');
  });

  it('when that call is under way, then it is the only one', async () => {
    const breakers = await opened();
    vi.setSystemTime(Date.now() + BREAKER_OPEN_MS);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const trial = breakers.ask(model, () => promise);
    expect(breakers.stateOf(model)).toBe('half-open');
    expect(await breakers.ask(model, saying(replyOf()))).toMatchObject({ kind: 'open' });
    resolve(replyOf());
    expect(await trial).toMatchObject({ ok: true });
  });

  it.each<FailureKind>(['unreachable', 'aborted'])(
    'when that call ends %s, then it is left alone again',
    async (kind) => {
      const breakers = await opened();
      vi.setSystemTime(Date.now() + BREAKER_OPEN_MS);
      await fail(breakers, 1, kind);
      expect(breakers.stateOf(model)).toBe('open');
      expect(await breakers.ask(model, saying(replyOf()))).toMatchObject({ kind: 'open' });
    },
  );
});

describe('given somebody who counts', () => {
  it('when a breaker changes, then it is told of every state, the first included', async () => {
    const told: string[] = [];
    const breakers = new Breakers((_model, state) => told.push(state));
    await fail(breakers, BREAKER_FAILURES);
    vi.setSystemTime(Date.now() + BREAKER_OPEN_MS);
    await breakers.ask(model, saying(replyOf()));
    expect(told).toEqual(['closed', 'open', 'half-open', 'closed']);
  });
});
