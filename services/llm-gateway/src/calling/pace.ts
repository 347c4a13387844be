import type { FailureKind } from '../providers/provider.ts';
import type { Clock } from './clock.ts';
import { type Party, RoleQueue } from './role-queue.ts';

/** How long a provider is left in peace that says "too many" and not for how long; twice as long each time it says so again. */
export const PAUSE_MS = 500;
export const PAUSE_MS_MAX = 30_000;
/** How long the number of calls that a provider took is not raised: each attempt at more costs everybody a pause. */
export const HOLD_MS = 15_000;

/** A call's turn at a provider. Has to be given back once, with how the call ended. */
export interface Turn {
  readonly pause: number;
}

interface Waiter {
  resolve(turn: Turn | undefined): void;
  signal: AbortSignal;
}

/**
 * How many calls one provider takes at once, learnt from its 429s, for all questions together: a burst of them pauses the
 * provider once, and afterwards as many calls are made at once as were not refused in that burst. One more is tried now and
 * then. Who waits is served in turn, by role and tenant. (Additive increase, and a decrease to what was seen to work.)
 */
export class Pace {
  readonly #clock: Clock;
  #atOnceMax = Infinity;
  #open = 0;
  #ended = 0;
  #pausedUntil = 0;
  #heldUntil = 0;
  /** How often the provider was paused: calls of before say nothing new. */
  #pauses = 0;
  #inARow = 0;
  #isTimerSet = false;
  readonly #waiting = new RoleQueue<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Calls that are made at once, at most. */
  get atOnceMax(): number {
    return this.#atOnceMax;
  }

  /** Whether it has as many calls open as it takes. */
  get isFull(): boolean {
    return this.#open >= this.#atOnceMax;
  }

  /** A turn, if there is one at once for somebody who has not waited. */
  enterAtOnce(): Turn | undefined {
    const isFree = this.#pausedUntil <= this.#clock.now() && this.#open < this.#atOnceMax;
    return isFree && this.#waiting.size === 0 ? this.#turn() : undefined;
  }

  /** Resolves with a turn when it is there, or with undefined as soon as the signal aborts. */
  enter(signal: AbortSignal, party: Party = NOBODY): Promise<Turn | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Turn | undefined>();
    const waiter: Waiter = { resolve, signal };
    const leave = () => void (this.#waiting.remove(party, waiter) && resolve(undefined));
    signal.addEventListener('abort', leave, { once: true });
    void promise.then(() => signal.removeEventListener('abort', leave));
    this.#waiting.push(party, waiter);
    this.#admit();
    return promise;
  }

  /** The call of a turn has ended. `retryAfterMs` is what a refusal asked for. */
  leave(turn: Turn, ended: 'ok' | FailureKind | 'open', retryAfterMs?: number): void {
    this.#open -= 1;
    if (ended === 'rate_limited') this.#limited(turn, retryAfterMs);
    else if (ended === 'ok') this.#went(turn);
    this.#admit();
  }

  #limited(turn: Turn, retryAfterMs: number | undefined): void {
    const now = this.#clock.now();
    if (turn.pause < this.#pauses) {
      // The same burst: one fewer of its calls was taken.
      this.#atOnceMax = Math.max(1, this.#atOnceMax - 1);
      if (retryAfterMs !== undefined) this.#pauseUntil(now + Math.min(PAUSE_MS_MAX, retryAfterMs));
      return;
    }
    this.#pauses += 1;
    this.#inARow += 1;
    this.#ended = 0;
    this.#atOnceMax = Math.max(1, this.#open);
    this.#heldUntil = now + HOLD_MS;
    const pauseMs = retryAfterMs ?? PAUSE_MS * 2 ** (this.#inARow - 1);
    this.#pauseUntil(now + Math.min(PAUSE_MS_MAX, Math.max(pauseMs, PAUSE_MS)));
  }

  #went(turn: Turn): void {
    if (turn.pause < this.#pauses) return;
    this.#inARow = 0;
    this.#ended += 1;
    if (this.#ended < this.#atOnceMax || this.#clock.now() < this.#heldUntil) return;
    this.#ended = 0;
    this.#atOnceMax += 1;
  }

  #pauseUntil(at: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, at);
  }

  #admit(): void {
    const pauseMs = this.#pausedUntil - this.#clock.now();
    if (pauseMs > 0) return this.#admitAfter(pauseMs);
    while (this.#open < this.#atOnceMax) {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) return;
      if (!waiter.signal.aborted) waiter.resolve(this.#turn());
    }
  }

  #turn(): Turn {
    this.#open += 1;
    return { pause: this.#pauses };
  }

  #admitAfter(ms: number): void {
    if (this.#isTimerSet || this.#waiting.size === 0) return;
    this.#isTimerSet = true;
    void this.#clock.sleep(ms, NEVER).then(() => {
      this.#isTimerSet = false;
      this.#admit();
    });
  }
}

const NOBODY: Party = { tenant: '', role: '' };
const NEVER = new AbortController().signal;
