import {
  type LogLayout,
  parseMessageId,
  parseRunSubject,
  type RunId,
  type RunRef,
  type Token,
  USER,
} from '@troupe/contract';
import { type ActorScope, type Append, ConflictError, type Journal, type Stored, TransientError } from '../ports.ts';
import type { Entry, MemoryStream } from './memory-stream.ts';

/** The journal on a stream in memory: see {@link Journal}. Every call answers in a later turn, as a network does. */
export class MemoryJournal implements Journal {
  readonly #runs: MemoryStream;
  readonly #layout: LogLayout;
  /** IDs of runs that a test says are archived. */
  readonly archived = new Set<RunId>();

  constructor(runs: MemoryStream, layout: LogLayout) {
    this.#runs = runs;
    this.#layout = layout;
  }

  async append({ scope, address, bytes, expectedSeq }: Append): Promise<number> {
    await Promise.resolve();
    const subject = this.#layout.message(address);
    const stored = this.#runs.lastOn(subject);
    const isExpected = (this.#written(scope).at(-1)?.seq ?? 0) === expectedSeq;
    if (isExpected && stored === undefined) return this.#runs.store(subject, bytes).seq;
    if (stored !== undefined && Buffer.from(stored.bytes).equals(bytes)) return stored.seq;
    throw new ConflictError(`another message of this actor came before ${subject}`);
  }

  async sent(scope: ActorScope, fromOrdinal: number): Promise<Stored[]> {
    await Promise.resolve();
    const found = this.#written(scope).filter(({ address }) => address.ordinal >= fromOrdinal);
    const gap = found.findIndex(({ address }, index) => address.ordinal !== fromOrdinal + index);
    if (gap >= 0)
      throw new TransientError(`message ${fromOrdinal + gap} of ${scope.role} in run ${scope.run} is not there`);
    return found;
  }

  async received(ref: RunRef, id: string, to: Token): Promise<Stored | undefined> {
    await Promise.resolve();
    const parts = parseMessageId(id);
    const entry = parts && this.#runs.lastOn(this.#layout.received(ref, parts, to));
    return entry && toStored(entry);
  }

  async hasEnded({ tenant, run }: RunRef): Promise<boolean> {
    await Promise.resolve();
    return this.#runs.entries
      .map(toStored)
      .some(({ address }) => address.tenant === tenant && address.run === run && address.to === USER);
  }

  async isArchived({ run }: RunRef): Promise<boolean> {
    await Promise.resolve();
    return this.archived.has(run);
  }

  #written({ tenant, run, task, role }: ActorScope): Stored[] {
    return this.#runs.entries
      .map(toStored)
      .filter(
        ({ address: a }) =>
          a.tenant === tenant && a.run === run && a.from === role && (task === '*' || a.task === task),
      );
  }
}

function toStored({ subject, seq, at, bytes }: Entry): Stored {
  const address = parseRunSubject(subject);
  if (address === undefined) throw new TransientError(`${subject} is not the subject of a run message`);
  return { address, seq, at, bytes };
}
