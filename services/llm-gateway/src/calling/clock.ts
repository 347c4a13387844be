import { setTimeout } from 'node:timers/promises';

/** Time, as far as asking a model needs it. */
export interface Clock {
  /** Milliseconds of a clock that is never set. */
  now(): number;
  /** Resolves when the time is over or the signal aborts, whichever is first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A signal that aborts when the time is over. */
  deadline(ms: number): AbortSignal;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
  deadline: (ms) => AbortSignal.timeout(ms),
};
