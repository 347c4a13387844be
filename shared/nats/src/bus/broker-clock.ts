import type { Clock } from '@troupe/actor';

/** A sample is taken again after this long: clocks drift slowly. */
const SAMPLE_EVERY_MS = 30_000;
/** Clocks this close are the same: a correction would only add the noise of the network. */
const TOLERANCE_MS = 50;
/** Nobody should count on less: clocks drift between samples. */
const ERROR_MS_MIN = 250;

/**
 * The broker's clock as this process knows it. Deadlines and grants are times of the broker; a machine whose clock is
 * minutes off would end runs early or let grants live too long. What the broker says of a message that this process
 * has just stored corrects it (Cristian's algorithm: the middle of the round trip is when it was stored).
 */
export class BrokerClock implements Clock {
  readonly #local: () => number;
  #offsetMs = 0;
  #sampledAt = -Infinity;
  #errorMs = Infinity;

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

  /**
   * The broker stored something at `at`, between `sent` and `acked` by the local clock; all in Unix ms. A long round trip
   * says little: what is known better is kept if it agrees with it.
   */
  sample(sent: number, acked: number, at: number): void {
    const halfMs = (acked - sent) / 2;
    const offsetMs = at - (sent + acked) / 2;
    if (halfMs > this.#errorMs && Math.abs(offsetMs - this.#offsetMs) <= TOLERANCE_MS + halfMs) return;
    this.#errorMs = Math.max(ERROR_MS_MIN, halfMs);
    this.#offsetMs = Math.abs(offsetMs) > TOLERANCE_MS + halfMs ? Math.round(offsetMs) : 0;
  }

  /** How far the time may be off; Infinity before the first sample: it is only this machine's then. */
  get errorMs(): number {
    return this.#errorMs;
  }

  /** By the clock of this machine, in Unix ms: for {@link sample}. */
  local(): number {
    return this.#local();
  }
}
