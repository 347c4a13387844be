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

/** Up to which sequence a read sees the log. It is asked at every read: a read that waits asks again. */
export type View = () => number;

/** How often a read that waits for what is known to be there looks again. */
const LOOKS_MAX = 10;

/**
 * The journal on a stream in memory: see {@link Journal}. Every call answers in a later turn, as a network does. With a
 * `view` its reads lag behind its appends, as they may in a cluster.
 */
export class MemoryJournal implements Journal {
  readonly #runs: MemoryStream;
  readonly #layout: LogLayout;
  /** IDs of runs that a test says are archived. */
  readonly archived = new Set<RunId>();
  readonly #view: View;

  constructor(runs: MemoryStream, layout: LogLayout, view: View = () => Infinity) {
    this.#runs = runs;
    this.#layout = layout;
    this.#view = view;
  }

  async append({ scope, address, bytes, expectedSeq }: Append): Promise<number> {
    await Promise.resolve();
    const subject = this.#layout.message(address);
    const stored = this.#runs.lastOn(subject);
    const lastSeq = this.#written(scope).at(-1)?.seq ?? 0;
    const isExpected = lastSeq === expectedSeq;
    if (isExpected && stored === undefined) return this.#runs.store(subject, bytes).seq;
    if (stored !== undefined && Buffer.from(stored.bytes).equals(bytes)) return stored.seq;
    throw new ConflictError(`another message of this actor came before ${subject}`, lastSeq);
  }

  async lastSeq(scope: ActorScope): Promise<number> {
    await Promise.resolve();
    return this.#written(scope).at(-1)?.seq ?? 0;
  }

  async sent(scope: ActorScope, fromOrdinal: number, seqMin = 0): Promise<Stored[]> {
    let seen: Stored[] = [];
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      await Promise.resolve();
      const view = this.#view();
      seen = this.#written(scope).filter(({ seq }) => seq <= view);
      if ((seen.at(-1)?.seq ?? 0) >= seqMin) break;
    }
    if ((seen.at(-1)?.seq ?? 0) < seqMin)
      throw new TransientError(`${scope.role} in run ${scope.run} cannot be read yet`);
    const found = seen.filter(({ address }) => address.ordinal >= fromOrdinal);
    const gap = found.findIndex(({ address }, index) => address.ordinal !== fromOrdinal + index);
    if (gap >= 0)
      throw new TransientError(`message ${fromOrdinal + gap} of ${scope.role} in run ${scope.run} is not there`);
    return found;
  }

  async received(ref: RunRef, id: string, to: Token): Promise<Stored | undefined> {
    await Promise.resolve();
    const parts = parseMessageId(id);
    const entry = parts && this.#runs.lastOn(this.#layout.received(ref, parts, to));
    return entry !== undefined && entry.seq <= this.#view() ? toStored(entry) : undefined;
  }

  async hasEnded({ tenant, run }: RunRef): Promise<boolean> {
    await Promise.resolve();
    const view = this.#view();
    return this.#runs.entries
      .filter(({ seq }) => seq <= view)
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
