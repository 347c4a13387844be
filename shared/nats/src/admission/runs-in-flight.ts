import type { RunId } from '@troupe/contract';

/** A run that is in flight for longer waits for models or people, or ended where this process did not see it. */
const IN_FLIGHT_MS_MAX = 600_000;

/**
 * The runs of a tenant that this process has begun and that are in flight: here until their end is seen, elsewhere for as
 * long as runs take. Each map is in the order in which they began, with since when (ms).
 */
export class RunsInFlight {
  readonly #here = new Map<RunId, number>();
  #elsewhere = new Map<RunId, number>();

  get size(): number {
    return this.#here.size + this.#elsewhere.size;
  }

  /** `isHere`: its end will be seen by this process. */
  begin(run: RunId, isHere: boolean, now: number): void {
    this.end(run);
    (isHere ? this.#here : this.#elsewhere).set(run, now);
  }

  /** Returns whether it was in flight. */
  end(run: RunId): boolean {
    return this.#here.delete(run) || this.#elsewhere.delete(run);
  }

  /** From now on others may see the ends of any of them. */
  doubt(): void {
    const all = [...this.#elsewhere, ...this.#here];
    this.#here.clear();
    this.#elsewhere = new Map(all.toSorted(([, a], [, b]) => a - b));
  }

  /** Forgets those that have ended by now elsewhere, where runs take so long (ms); returns how many these were. */
  forget(now: number, elsewhereMs: number): number {
    forgetOld(this.#here, now - IN_FLIGHT_MS_MAX);
    return forgetOld(this.#elsewhere, now - elsewhereMs);
  }
}

/** In the order in which they began: the first young one ends it. */
function forgetOld(runs: Map<RunId, number>, before: number): number {
  let forgotten = 0;
  for (const [run, since] of runs) {
    if (since > before) break;
    runs.delete(run);
    forgotten += 1;
  }
  return forgotten;
}
