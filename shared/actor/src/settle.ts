import { MalformedError } from '@troupe/contract';
import { backoffMs } from './backoff.ts';
import { ConflictError, HistoryError, NewerError, TransientError } from './ports.ts';

/** What becomes of a delivery. A4: this is the only place that decides it. */
export type Fate =
  /** It stays in hand and is tried again after a pause: the broker does not count it. */
  | { kind: 'again'; reason: string; defect: boolean; pauseMs: number }
  /** It is given back, for any process, after a pause. `isLeft`: to one that understands it, and nothing is wrong. */
  | { kind: 'later'; reason: string; isLeft: boolean; pauseMs: number }
  /** Never again: the message goes to `DEAD` with the reason. */
  | { kind: 'dead'; reason: string };

/** What is known of a delivery that failed. */
export interface Tries {
  /** By the broker's count: crashes, outages and what was given back. */
  deliveries: number;
  /** Failures of this delivery in this process, this one included, and how many of them were defects. */
  failures: number;
  defects: number;
  /** Since the broker stored the message. */
  ageMs: number;
  /** In [0, 1). */
  random: number;
}

/** Deliveries of one message before it is called poison: it may have ended or hung each of these processes. */
export const DELIVERIES_MAX = 100;
/** Deliveries after which a message is not even parsed any more. */
export const UNREAD_DELIVERIES_MAX = 1_000;
/** Failures that are nobody's absence (a bug, a broken invariant) before a message is called poison. */
export const DEFECTS_MAX = 5;
/** Tries in hand when somebody is absent: about a minute. Then the delivery is given back. */
export const TRIES_IN_HAND_MAX = 16;
/** How long a message waits for a process that understands it: a day less than the stream keeps it. */
export const WAIT_DAYS_MAX = 6;
const DAY_MS = 86_400_000;

const LATER_FIRST_MS = 100;
const LATER_LONGEST_MS = 600_000;
/** So many times the first pause. */
const SOON_DELIVERIES = 20;
/** Each further pause is by so much longer than the one before: the longest one comes after an hour and a half. */
const LATER_GROWTH = 1.125;

/**
 * Deliveries of a message of this age before it is called poison. One that was given back again and again, because
 * somebody is away or nobody here understands it, is delivered once in {@link LATER_LONGEST_MS}: those do not count.
 */
export const deliveriesMaxAt = (ageMs: number): number =>
  DELIVERIES_MAX + Math.floor(Math.max(0, ageMs) / LATER_LONGEST_MS);

/** Decides the fate of a delivery from what went wrong. Pure. */
export function fateOf(error: unknown, tries: Tries): Fate {
  if (error instanceof MalformedError) return { kind: 'dead', reason: `malformed: ${error.message}` };
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
  const { deliveries, failures, defects, ageMs, random } = tries;
  if (error instanceof NewerError || error instanceof HistoryError) {
    if (ageMs > WAIT_DAYS_MAX * DAY_MS) return { kind: 'dead', reason: `after ${WAIT_DAYS_MAX} days: ${reason}` };
    return { kind: 'later', reason, isLeft: error instanceof NewerError, pauseMs: laterMs(deliveries, random) };
  }
  const pauseMs = backoffMs(failures, random);
  if (error instanceof TransientError || error instanceof ConflictError) {
    if (failures < TRIES_IN_HAND_MAX) return { kind: 'again', reason, defect: false, pauseMs };
    return { kind: 'later', reason, isLeft: false, pauseMs: laterMs(deliveries, random) };
  }
  if (defects + 1 >= DEFECTS_MAX) return { kind: 'dead', reason: `after ${defects + 1} failures: ${reason}` };
  return { kind: 'again', reason, defect: true, pauseMs };
}

/**
 * The pause before the broker delivers again. In a rollout a message comes to an older process as often as to a newer
 * one, or more often: it is offered again soon, many times, and later each pause is a part of the time that it has
 * waited anyway. A pause that doubled would soon be longer than what it waits for.
 */
const laterMs = (deliveries: number, random: number): number => {
  const growth = LATER_GROWTH ** Math.max(0, deliveries - SOON_DELIVERIES);
  const pauseMs = Math.min(LATER_LONGEST_MS, LATER_FIRST_MS * growth);
  // Jitter: the broker goes round its pull requests, and equal pauses could bring it to the same process each time.
  return Math.round(pauseMs * (0.75 + random / 2));
};
