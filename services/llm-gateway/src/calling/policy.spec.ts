import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { FAILURE_KINDS, type Outcome } from '../providers/provider.ts';
import { BREAKER_TRIAL_MS, type LeftAlone } from './breakers.ts';
import { failureOf, modelOf, replyOf } from './calling.fixture.ts';
import {
  type Attempt,
  firstAttempt,
  next,
  OPEN_WAIT_MS_MAX,
  PARAMETERS_MAX,
  type Situation,
  TRIES_MAX,
} from './policy.ts';

const calm: Situation = { timeLeftMs: 60_000, random: 0.5, canBeLonger: true };
const [a, b] = [modelOf('a'), modelOf('b')];
const leftAlone = (retryAfterMs: number): LeftAlone => ({ ok: false, kind: 'open', message: 'open', retryAfterMs });

const outcomes: fc.Arbitrary<Outcome | LeftAlone> = fc.oneof(
  fc
    .record({
      kind: fc.constantFrom(...FAILURE_KINDS),
      parameter: fc.constantFrom('tool_choice', 'thinking', 'strict', 'store', 'include', 'top_p'),
      retryAfterMs: fc.option(fc.nat(40_000), { nil: undefined }),
    })
    .map(({ kind, parameter, retryAfterMs }) =>
      failureOf(kind, { parameter, ...(retryAfterMs !== undefined && { retryAfterMs }) }),
    ),
  fc.constant(replyOf({ stop: 'length' })),
  fc.integer({ min: BREAKER_TRIAL_MS, max: 10_000 }).map(leftAlone),
);

/** Plays outcomes until the policy ends the question; gives the attempts that it made, the first included. */
function attemptsOf(models: number, said: readonly (Outcome | LeftAlone)[], situation: Situation): Attempt[] {
  const route = Array.from({ length: models }, (_, nth) => modelOf(`m${nth}`, { contextTokens: 1_000 * (nth + 1) }));
  const [first, ...others] = route;
  if (first === undefined) return [];
  const attempts = [firstAttempt(first, others)];
  for (const outcome of said) {
    const attempt = attempts.at(-1);
    const step = attempt && next(attempt, outcome, situation);
    if (step?.do !== 'ask') break;
    attempts.push(step.attempt);
  }
  return attempts;
}

/** What one model may be asked at most: tries, parameters and an echo, and once for the length. */
const PER_MODEL_MAX = TRIES_MAX + PARAMETERS_MAX + 1;
const OPEN_WAITS_MAX = OPEN_WAIT_MS_MAX / BREAKER_TRIAL_MS;

describe('given any outcomes, in any order', () => {
  const plays = [fc.integer({ min: 1, max: 4 }), fc.array(outcomes, { minLength: 80, maxLength: 80 })] as const;

  test.prop([...plays])('then a question ends after so many calls as its route allows', (models, said) => {
    const attempts = attemptsOf(models, said, calm);
    expect(attempts.length).toBeLessThanOrEqual(models * PER_MODEL_MAX + OPEN_WAITS_MAX + 1);
  });

  test.prop([...plays])('then no model is asked again that was left', (models, said) => {
    const asked = attemptsOf(models, said, calm).map(({ model }) => model.name);
    const visits = asked.filter((name, nth) => name !== asked[nth - 1]);
    expect(visits).toEqual([...new Set(visits)].toSorted());
  });

  test.prop([outcomes, fc.nat(30_000)])('then it never waits for longer than there is time', (outcome, timeLeftMs) => {
    const step = next(firstAttempt(a, [b]), outcome, { ...calm, timeLeftMs });
    expect(step.do === 'ask' ? step.delayMs : 0).toBeLessThanOrEqual(Math.max(0, timeLeftMs - 1));
  });
});

describe('given a model that is left alone', () => {
  it('when there is another, then that one is asked at once', () => {
    expect(next(firstAttempt(a, [b]), leftAlone(10), calm)).toMatchObject({
      do: 'ask',
      because: 'fallback',
      delayMs: 0,
      attempt: { model: b },
    });
  });

  it('when there is no other, then it is waited for', () => {
    expect(next(firstAttempt(a, []), leftAlone(5_000), calm)).toMatchObject({ do: 'ask', because: 'open' });
  });

  it('when that has taken too long, or there is no time for it, then the question is unavailable', () => {
    const long = { ...firstAttempt(a, []), openMs: OPEN_WAIT_MS_MAX };
    const unavailable = { do: 'fail', kind: 'unavailable' };
    expect(next(long, leftAlone(5_000), calm)).toEqual(unavailable);
    expect(next(firstAttempt(a, []), leftAlone(5_000), { ...calm, timeLeftMs: 5_000 })).toEqual(unavailable);
  });
});

describe('given a model that refuses one parameter after the other', () => {
  it('when it is more than may be, then the request is rejected', () => {
    const without = new Set(Array.from({ length: PARAMETERS_MAX }, (_, nth) => `p${nth}`));
    const step = next({ ...firstAttempt(a, [b]), without }, failureOf('parameter', { parameter: 'last' }), calm);
    expect(step).toEqual({ do: 'fail', kind: 'rejected' });
  });

  it('when it does not say which, then the request is rejected', () => {
    expect(next(firstAttempt(a, [b]), failureOf('parameter'), calm)).toEqual({ do: 'fail', kind: 'rejected' });
  });
});
