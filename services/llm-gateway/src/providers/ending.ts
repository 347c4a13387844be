/** How long a stream may say nothing after its answer is whole. */
const END_GRACE_MS = 2_000;

/** Ends a stream that stays open when its answer is whole: most servers close it at once, and the connection is kept. */
export class Ending {
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** `signal`: that of who asks. */
  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#abort.signal]);
  }

  /** The answer is whole: from now on, and from each further call on, the stream has its time to close. */
  wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), END_GRACE_MS);
  }

  over(): void {
    clearTimeout(this.#timer);
  }
}
