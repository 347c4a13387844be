/** Part of all that is kept free for the consumers together: a flood of goals must not keep a role from its mailbox. */
const RESERVED = 1 / 2;

/** What one consumer has asked for and not settled. */
export interface Share {
  taken(): number;
}

/** Who asks for deliveries. */
export interface Asker extends Share {
  /** Asks for more, if it may. */
  ask(): void;
  /** Whether it has a message in hand that was stored before this sequence. */
  holds(before: number): boolean;
}

/** What those who ask may ask for. */
export interface Allowance {
  add(asker: Asker): void;
  /** How many more this one may ask for; none if it is not above 0. Whoever only looks changes nothing. */
  free(asker: Asker): number;
  /** The same for one who asks for as many at once; who may not is told by {@link Asker.ask} when it may. */
  claim(asker: Asker): number;
}

/**
 * How many deliveries a process may have in hand or on their way, over all of its consumers. Each can count on
 * its part of one half; what others leave free beyond theirs is for whoever needs it.
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
    const reserved = Math.floor((this.#max * RESERVED) / this.#shares.length);
    const own = share.taken();
    let others = 0;
    for (const other of this.#shares) if (other !== share) others += Math.max(reserved, other.taken());
    // Each may have one, however little there is.
    return Math.max(own === 0 ? 1 : 0, this.#max - others - own);
  }

  /** Who has none may always have one, and who has some asks again when that is settled: nobody need be told. */
  claim(share: Share): number {
    return this.free(share);
  }
}
