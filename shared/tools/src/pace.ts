import { setImmediate } from 'node:timers/promises';

/** How long a tool computes before everything else in the process has a turn, in ms. */
const SLICE_MS = 8;

/** Cuts a long computation into slices, and ends it when its call is aborted. */
export class Pace {
  readonly #signal: AbortSignal;
  #since = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the slice is used up: then `await rest()`. Looks at the clock; ask once per some thousand small steps. */
  get isOver(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** Lets everything else go first. Throws the signal's reason once the call is aborted. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#signal.throwIfAborted();
    this.#since = performance.now();
  }
}
