import type { ActorScope, Append, Journal, Stored } from '@troupe/actor';
import type { RunAddress, RunRef, Token } from '@troupe/contract';
import type { Meter } from './delays.ts';

/** A journal that tells how long writing takes, and what was written. */
export class MeteredJournal implements Journal {
  readonly #journal: Journal;
  readonly #meter: Meter;
  readonly #onStored: (address: RunAddress) => void;

  constructor(journal: Journal, meter: Meter, onStored: (address: RunAddress) => void = () => undefined) {
    this.#journal = journal;
    this.#meter = meter;
    this.#onStored = onStored;
  }

  async append(append: Append, signal: AbortSignal): Promise<number> {
    const answered = this.#meter.sent();
    try {
      const seq = await this.#journal.append(append, signal);
      this.#onStored(append.address);
      return seq;
    } finally {
      answered();
    }
  }

  sent(scope: ActorScope, fromOrdinal: number, seqMin?: number): Promise<Stored[]> {
    return this.#journal.sent(scope, fromOrdinal, seqMin);
  }

  lastSeq(scope: ActorScope, to: Token): Promise<number> {
    return this.#journal.lastSeq(scope, to);
  }

  received(ref: RunRef, id: string, to: Token): Promise<Stored | undefined> {
    return this.#journal.received(ref, id, to);
  }

  hasEnded(ref: RunRef): Promise<boolean> {
    return this.#journal.hasEnded(ref);
  }

  isArchived(ref: RunRef): Promise<boolean> {
    return this.#journal.isArchived(ref);
  }
}
