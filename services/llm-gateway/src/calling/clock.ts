import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as far as asking a model needs it. */
export interface Clock {
  /** Milliseconds of a clock that is never set. */
  now(): number;
  /** Resolves when the time is over or the signal aborts, whichever is first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  deadline(ms: number): Deadline;
}

/** A signal that aborts when a time is over. Cleared as soon as nobody looks at it: until then it is kept. */
export interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  deadline: (ms) => {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(new DOMException('the time is over', 'TimeoutError')), ms);
    timer.unref();
    return { signal: over.signal, clear: () => clearTimeout(timer) };
  },
};
