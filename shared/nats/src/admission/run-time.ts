import type { RunId } from '@troupe/contract';

/** A run is taken to be in flight for at least and at most so long, where its end is not seen. */
export const CHARGED_MS_MIN = 100;
export const CHARGED_MS_MAX = 60_000;
/** The same while nothing is known of how long runs take: nobody gains by runs whose end is not seen. */
export const UNKNOWN_MS = 10_000;
/** What was seen says so long how long runs take. */
const KNOWN_MS = 10_000;
/** Runs whose end is waited for at once: some of them say enough. */
const SAMPLE_MAX = 256;
/** Part of the run that ended last in the mean. */
const SMOOTHING = 1 / 16;

/** How long runs take, by those whose end was seen here. Times are in ms of any clock that does not jump. */
export class RunTime {
  /** Since when. */
  readonly #sample = new Map<RunId, number>();
  #meanMs: number | undefined;
  #learnedAt = -Infinity;

  /** A run began whose end may be seen. */
  begun(run: RunId, now: number): void {
    for (const [oldest, since] of this.#sample) {
      if (since > now - CHARGED_MS_MAX) break;
      this.#sample.delete(oldest);
    }
    if (this.#sample.size < SAMPLE_MAX && !this.#sample.has(run)) this.#sample.set(run, now);
  }

  ended(run: RunId, now: number): void {
    const since = this.#sample.get(run);
    if (since === undefined) return;
    this.#sample.delete(run);
    const mean = this.#meanMs ?? now - since;
    this.#meanMs = mean + (now - since - mean) * SMOOTHING;
    this.#learnedAt = now;
  }

  /** Whether that was seen lately. */
  isKnown(now: number): boolean {
    return now - this.#learnedAt < KNOWN_MS;
  }

  /** How long a run is taken to be in flight whose end is not seen. */
  chargedMs(now: number): number {
    const mean = this.#meanMs ?? 0;
    return Math.min(CHARGED_MS_MAX, Math.max(CHARGED_MS_MIN, this.isKnown(now) ? mean : Math.max(mean, UNKNOWN_MS)));
  }
}
