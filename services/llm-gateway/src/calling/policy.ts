import type { Unanswered } from '@troupe/contract';
import type { Model } from '../models/model.ts';
import type { Failure, FailureKind, Outcome, Reply } from '../providers/provider.ts';
import { backoffMs } from './backoff.ts';
import type { LeftAlone } from './breakers.ts';

/** Calls to one model that ended in a way that waiting may cure. */
export const TRIES_MAX = 3;
/** Different parameters that one question may find refused by one model. */
export const PARAMETERS_MAX = 4;
/** How long a question waits for models that are down or left alone, if there is no other: outages of minutes are common. */
export const OPEN_WAIT_MS_MAX = 320_000;
/** By how much the limit of an answer is raised that was cut off. */
export const LONGER_BY = 4;

/**
 * How a question is asked next. Invariants:
 * P1: no model is asked more than `TRIES_MAX` times where waiting may help, and every other repetition happens once (for
 *     each parameter, for the echo, for the length): a question ends after a number of calls that depends on its route alone.
 *     But the last of a route that says "too many" is asked at its pace until the question's time is over, and one that is
 *     down for `OPEN_WAIT_MS_MAX`, at growing distances: nothing fails because there is much to do, or for a short outage.
 * P2: a model that was left is not asked again.
 * P3: what only a person can mend ends the question at once.
 */
export interface Attempt {
  readonly model: Model;
  /** The models behind it, in their order. */
  readonly others: readonly Model[];
  readonly tries: number;
  /** Milliseconds spent on waiting for models that are down or left alone. */
  readonly openMs: number;
  /** Parameters that the model has refused to this question. */
  readonly without: ReadonlySet<string>;
  readonly echoes: boolean;
  /** Whether the answer was cut off once. */
  readonly isLonger: boolean;
  /** Whether a model would not answer. */
  readonly isRefused: boolean;
}

/** What no call has shown: it was not made. */
export interface Unasked {
  ok: false;
  /** `no_room`: by its estimate, the prompt does not fit the model. */
  kind: 'budget' | 'no_room';
  message: string;
}

export interface Situation {
  /** Milliseconds that are left of the question's time. */
  timeLeftMs: number;
  /** In [0, 1). */
  random: number;
  /** Whether the budget and the model let an answer be longer than it was. */
  canBeLonger: boolean;
}

/** Why it is asked again: `retry` after a wait, or at once, with something changed. */
export type Because = 'retry' | 'open' | 'parameter' | 'echo' | 'length' | 'fallback';

export type Next =
  | { do: 'answer'; reply: Reply }
  | { do: 'fail'; kind: Unanswered['kind'] }
  | { do: 'ask'; attempt: Attempt; delayMs: number; because: Because };

const KIND: Readonly<Record<FailureKind | 'open' | Unasked['kind'], Unanswered['kind']>> = {
  rate_limited: 'unavailable',
  overloaded: 'unavailable',
  unreachable: 'unavailable',
  open: 'unavailable',
  parameter: 'rejected',
  echo: 'rejected',
  too_large: 'rejected',
  rejected: 'rejected',
  timeout: 'timeout',
  aborted: 'timeout',
  too_long: 'too_long',
  unauthorised: 'unauthorised',
  spent: 'spent',
  refused: 'refused',
  malformed: 'malformed',
  budget: 'budget',
  no_room: 'too_long',
};

export function firstAttempt(model: Model, others: readonly Model[]): Attempt {
  return {
    model,
    others,
    tries: 0,
    openMs: 0,
    without: new Set(),
    echoes: true,
    isLonger: false,
    isRefused: false,
  };
}

/** What follows from how a call ended. Pure. */
export function next(attempt: Attempt, outcome: Outcome | LeftAlone | Unasked, situation: Situation): Next {
  if (outcome.ok) {
    const isCut = outcome.stop === 'length' && !attempt.isLonger && situation.canBeLonger;
    return isCut ? again({ ...attempt, isLonger: true }, 'length') : { do: 'answer', reply: outcome };
  }
  switch (outcome.kind) {
    case 'rate_limited':
      return afterLimit(attempt, outcome, situation);
    case 'overloaded':
    case 'unreachable':
      return afterWaiting(attempt, outcome, situation);
    case 'timeout':
      if (situation.timeLeftMs <= 0) return failed('timeout');
      // It has taken minutes already.
      if (attempt.others.length > 0) return elsewhere(attempt, attempt.others, 'timeout');
      return afterWaiting(attempt, outcome, situation);
    case 'open':
      return afterReopening(attempt, outcome, situation);
    case 'parameter':
      return withoutParameter(attempt, outcome);
    case 'echo':
      return withoutEcho(attempt);
    case 'refused':
      return afterRefusal(attempt);
    case 'too_long':
      return elsewhere(attempt, roomier(attempt), 'too_long');
    case 'no_room':
    case 'budget':
      // Each of the others has an estimate and a price of its own.
      return elsewhere(attempt, attempt.others, outcome.kind);
    default:
      // P3
      return failed(outcome.kind);
  }
}

/** Others are asked after a few tries. Where there are none it is asked again whenever its turn comes: see `pace.ts`. */
function afterLimit(attempt: Attempt, { kind, retryAfterMs }: Failure, { timeLeftMs, random }: Situation): Next {
  const tries = attempt.tries + 1;
  const delayMs = backoffMs(tries, random, retryAfterMs);
  const isLong = delayMs === undefined || delayMs >= timeLeftMs;
  if (attempt.others.length > 0 && (tries >= TRIES_MAX || isLong)) return elsewhere(attempt, attempt.others, kind);
  if (timeLeftMs <= (retryAfterMs ?? 0)) return failed(kind);
  // The pace is what waits.
  return again({ ...attempt, tries: Math.min(tries, TRIES_MAX) }, 'retry');
}

function afterWaiting(attempt: Attempt, { kind, retryAfterMs }: Failure, { timeLeftMs, random }: Situation): Next {
  const tries = attempt.tries + 1;
  const delayMs = backoffMs(tries, random, retryAfterMs);
  const isLong = delayMs === undefined || delayMs >= timeLeftMs;
  if (!isLong && tries < TRIES_MAX) return again({ ...attempt, tries }, 'retry', delayMs);
  const openMs = attempt.openMs + (delayMs ?? 0);
  if (isLong || attempt.others.length > 0 || openMs > OPEN_WAIT_MS_MAX) return elsewhere(attempt, attempt.others, kind);
  // P1: there is nobody else.
  return again({ ...attempt, tries, openMs }, 'retry', delayMs);
}

/** Another model is better than waiting; where there is none, half of the askers failing at once would help nobody. */
function afterReopening(attempt: Attempt, { kind, retryAfterMs }: LeftAlone, { timeLeftMs, random }: Situation): Next {
  const delayMs = backoffMs(1, random, retryAfterMs);
  if (attempt.others.length > 0 || delayMs === undefined) return elsewhere(attempt, attempt.others, kind);
  const openMs = attempt.openMs + delayMs;
  if (openMs > OPEN_WAIT_MS_MAX || delayMs >= timeLeftMs) return failed(kind);
  return again({ ...attempt, openMs }, 'open', delayMs);
}

function withoutParameter(attempt: Attempt, { kind, parameter }: Failure): Next {
  const { without } = attempt;
  if (parameter === undefined || without.has(parameter) || without.size >= PARAMETERS_MAX) return failed(kind);
  return again({ ...attempt, without: new Set([...without, parameter]) }, 'parameter');
}

const withoutEcho = (attempt: Attempt): Next =>
  attempt.echoes ? again({ ...attempt, echoes: false }, 'echo') : failed('echo');

const afterRefusal = (attempt: Attempt): Next =>
  attempt.isRefused ? failed('refused') : elsewhere({ ...attempt, isRefused: true }, attempt.others, 'refused');

const roomier = ({ model, others }: Attempt): readonly Model[] =>
  others.filter(({ contextTokens }) => contextTokens > model.contextTokens);

/** The first of `models`, or the failure if there is none. P2: those before it are gone. */
function elsewhere(attempt: Attempt, models: readonly Model[], kind: keyof typeof KIND): Next {
  const [model, ...others] = models;
  if (model === undefined) return failed(kind);
  const { openMs, isLonger, isRefused } = attempt;
  return again({ ...firstAttempt(model, others), openMs, isLonger, isRefused }, 'fallback');
}

const failed = (kind: keyof typeof KIND): Next => ({ do: 'fail', kind: KIND[kind] });

const again = (attempt: Attempt, because: Because, delayMs = 0): Next => ({ do: 'ask', attempt, delayMs, because });
