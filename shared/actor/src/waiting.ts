import type { Clock, Delivery } from './ports.ts';

/** Messages that may wait at the broker for another process at the same time, as far as this process knows. */
export const WAITING_MAX = 10_000;
/** Each message that waits makes the pauses longer by so much: at most 5,000 offers per second, however many wait. */
const OFFER_MS = 0.2;
/** How long those that were taken by somebody else may still be counted for the pauses. */
const SWEEP_MS = 100;
/** What has not come back so long after its pause was taken by somebody else. */
const BACK_WITHIN_MS = 2_000;

/**
 * The messages that were given back to wait. Each of them takes one of the consumer's places for messages in flight,
 * so that a flood of them would stop everything else: what exceeds the bound is buried instead, with its reason.
 *
 * During an update each message that an old process gives back is soon taken by a new one: it must not be counted for
 * longer than it waits, or the old process would bury what others can handle.
 */
export class Waiting {
  readonly #clock: Pick<Clock, 'now'>;
  /** When each of them has to be back (Unix ms). */
  readonly #messages = new Map<string, number>();
  /** None of them has to be back before. */
  #earliest = Infinity;
  #sweptAt = -Infinity;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** What a pause should be longer by, on average, so that a flood that waits leaves room for what does not. */
  get crowdMs(): number {
    const now = this.#clock.now();
    if (now - this.#sweptAt >= SWEEP_MS) this.#forgetTaken(now);
    return this.#messages.size * OFFER_MS;
  }

  /** Whether this process gave it back itself: that it comes often says nothing against it. */
  has(delivery: Delivery): boolean {
    return this.#messages.size > 0 && this.#messages.has(keyOf(delivery));
  }

  /** Undefined if the message may wait for so long, else why not. */
  add(delivery: Delivery, pauseMs: number): string | undefined {
    const key = keyOf(delivery);
    const now = this.#clock.now();
    if (this.#messages.size >= WAITING_MAX && !this.#messages.has(key)) {
      this.#forgetTaken(now);
      if (this.#messages.size >= WAITING_MAX) return `${WAITING_MAX} messages are waiting already`;
    }
    const backAt = now + pauseMs + BACK_WITHIN_MS;
    this.#messages.set(key, backAt);
    this.#earliest = Math.min(this.#earliest, backAt);
    return undefined;
  }

  forget(delivery: Delivery): void {
    if (this.#messages.size > 0) this.#messages.delete(keyOf(delivery));
  }

  /** Looks through all of them only when one of them can be over. */
  #forgetTaken(now: number): void {
    if (now <= this.#earliest) return;
    this.#sweptAt = now;
    this.#earliest = Infinity;
    for (const [key, backAt] of this.#messages) {
      if (backAt < now) this.#messages.delete(key);
      else this.#earliest = Math.min(this.#earliest, backAt);
    }
  }
}

const keyOf = ({ stream, seq }: Delivery): string => `${stream}/${seq}`;
