/** A part of what is kept free for each consumer: a flood of goals must not keep a role from its mailbox. */
const RESERVED_PART = 8;

/** What one consumer has asked for and not settled. */
export interface Share {
  taken(): number;
}

/**
 * How many deliveries a process may have in hand or on their way, over all of its consumers. Each can count on an
 * eighth of it; what others leave free beyond theirs is for whoever needs it.
 */
export class Capacity {
  readonly #max: number;
  readonly #shares: Share[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  add(share: Share): void {
    this.#shares.push(share);
  }

  /** How many more this consumer may ask for. */
  free(share: Share): number {
    const reserved = Math.floor(this.#max / RESERVED_PART);
    const others = this.#shares
      .filter((other) => other !== share)
      .reduce((sum, other) => sum + Math.max(reserved, other.taken()), 0);
    // Each may have one, however little there is.
    return Math.max(share.taken() === 0 ? 1 : 0, this.#max - others - share.taken());
  }
}
