import type { Clock } from '@troupe/actor';

/** A sample is taken again after this long: clocks drift slowly. */
const SAMPLE_EVERY_MS = 30_000;
/** Clocks this close are the same: a correction would only add the noise of the network. */
const TOLERANCE_MS = 50;

/**
 * The broker's clock as this process knows it. Deadlines and grants are times of the broker; a machine whose clock is
 * minutes off would end runs early or let grants live too long. What the broker says of a message that this process
 * has just stored corrects it (Cristian's algorithm: the middle of the round trip is when it was stored).
 */
export class BrokerClock implements Clock {
  readonly #local: () => number;
  #offsetMs = 0;
  #sampledAt = -Infinity;
  #isSampled = false;

  constructor(local: () => number = () => Date.now()) {
    this.#local = local;
  }

  now(): number {
    return this.#local() + this.#offsetMs;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, ms).unref();
    });
  }

  /** What was stored at `at` (Unix ms by the broker) is in the past: the broker's clock is at least there. */
  observe(at: number): void {
    const aheadMs = at - this.now();
    if (aheadMs > TOLERANCE_MS) this.#offsetMs += aheadMs;
  }

  /** Whether a sample is wanted; saying so counts as taking it. */
  wantsSample(): boolean {
    const now = performance.now();
    if (now - this.#sampledAt < SAMPLE_EVERY_MS) return false;
    this.#sampledAt = now;
    return true;
  }

  /** The broker stored something at `at`, between `sent` and `acked` by the local clock; all in Unix ms. */
  sample(sent: number, acked: number, at: number): void {
    this.#isSampled = true;
    const offsetMs = at - (sent + acked) / 2;
    this.#offsetMs = Math.abs(offsetMs) > TOLERANCE_MS + (acked - sent) / 2 ? Math.round(offsetMs) : 0;
  }

  /** Whether a sample was taken: before that the time is only this machine's. */
  get isSampled(): boolean {
    return this.#isSampled;
  }

  /** By the clock of this machine, in Unix ms: for {@link sample}. */
  local(): number {
    return this.#local();
  }
}
