import { INTAKE, parseRunSubject, type RunId, type RunRef } from '@troupe/contract';
import type { LoggedMessage } from './frames.ts';
import { type Archived, isOver, newRecord, note, type RunRecord } from './run-record.ts';

export interface LedgerOptions {
  /** How long nothing may have come of a run before it is archived, in ms: what comes later costs a part of its own. */
  settleMs: number;
  /** Bytes of messages that are held in memory, over all runs of the shard. Of runs beyond it the messages are read again. */
  heldBytesMax: number;
  /** Whether a run belongs to this shard. What names another shard's run is not of it, and would stand in its archive. */
  isHere(run: RunId): boolean;
}

/** In units of `settleMs`. */
const QUIET_MAX = 1_024;

const keyOf = ({ tenant, run }: RunRef): string => `${tenant} ${run}`;

/**
 * The archiver's books of one shard: which runs are over and not archived, and which may leave. They are made from the
 * log alone, in its order; nothing in them is kept anywhere else. No clock: `now` is Unix ms by the broker.
 */
export class ShardLedger {
  readonly #options: LedgerOptions;
  readonly #runs = new Map<string, RunRecord>();
  /** Have their result, and something that is not archived. */
  readonly #ended = new Set<RunRecord>();
  /** Archived, in the order in which they were. */
  readonly #archived = new Set<RunRecord>();
  #position = 0;
  #heldBytes = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Sequence of the newest message that was taken in. */
  get position(): number {
    return this.#position;
  }

  /** Runs that are still in the shard, as far as it was read. */
  get size(): number {
    return this.#runs.size;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes in the next message of the shard. Returns a run whose beginning is missing, when it is first met. */
  take(message: LoggedMessage): RunRecord | undefined {
    this.#position = message.seq;
    const address = parseRunSubject(message.subject);
    // What is no message of a run is never archived, and so it never leaves: somebody has to look at it.
    if (address === undefined || !this.#options.isHere(address.run)) return undefined;
    const known = this.#runs.get(keyOf(address));
    const record = known ?? newRecord(address, message.seq, address.from === INTAKE && address.ordinal === 0);
    if (known === undefined) this.#runs.set(keyOf(address), record);
    this.#hold(record, () => note(record, address, message));
    if (record.endedAt !== undefined) this.#sort(record);
    return known === undefined && !record.isWhole ? record : undefined;
  }

  /** What came late has to be archived before anything of its run goes. */
  #sort(record: RunRecord): void {
    if (record.isAside) return;
    const isArchived = record.archived !== undefined && record.lastSeq <= record.archived.lastSeq;
    const [to, from] = isArchived ? [this.#archived, this.#ended] : [this.#ended, this.#archived];
    from.delete(record);
    to.add(record);
  }

  #hold(record: RunRecord, change: () => void): void {
    this.#heldBytes -= record.heldBytes;
    change();
    if (record.held === undefined || this.#heldBytes + record.heldBytes > this.#options.heldBytesMax) {
      record.held = undefined;
      record.heldBytes = 0;
    }
    this.#heldBytes += record.heldBytes;
  }

  /** Runs that are over and have something that is not archived. */
  over(now: number): RunRecord[] {
    return [...this.#ended].filter((record) => isOver(record, now) && now - record.lastAt >= this.#quietMs(record));
  }

  /** What comes late is gathered for longer and longer: each time costs a part, and there is a bound on them. */
  #quietMs({ archived }: RunRecord): number {
    return this.#options.settleMs * Math.min(QUIET_MAX, 4 ** (archived?.parts ?? 0));
  }

  /** What was said to be archived is not there (any more): it is read and archived again. */
  notArchived(record: RunRecord): void {
    record.archived = undefined;
    this.#hold(record, () => {
      record.held = undefined;
      record.heldBytes = 0;
    });
    this.#sort(record);
  }

  /** The archive of a run holds everything up to `archived.lastSeq`. */
  archived(record: RunRecord, archived: Archived): void {
    record.archived = archived;
    // What is archived has ended, also where the result has left already.
    record.endedAt ??= record.lastAt;
    this.#hold(record, () => {
      const isHere = record.lastSeq > archived.lastSeq;
      record.held = isHere ? record.held?.filter(({ seq }) => seq > archived.lastSeq) : [];
      record.heldBytes = record.held?.reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0;
    });
    this.#sort(record);
  }

  /** A run that a person has to look at: it is neither archived nor does it leave. */
  setAside(record: RunRecord): void {
    record.isAside = true;
    for (const books of [this.#ended, this.#archived]) books.delete(record);
  }

  /** Everything of a run has left its shard, into the archive or for ever. */
  forget(record: RunRecord): void {
    this.#heldBytes -= record.heldBytes;
    for (const books of [this.#ended, this.#archived]) books.delete(record);
    this.#runs.delete(keyOf(record));
  }

  /** Archived runs that ended `keepMs` ago: the oldest, at most `runsMax`. Each is offered until it is forgotten. */
  leaving(now: number, keepMs: number, runsMax: number): RunRecord[] {
    const found: RunRecord[] = [];
    for (const record of this.#archived) {
      if (found.length === runsMax || now - (record.endedAt ?? now) < keepMs) break;
      found.push(record);
    }
    return found;
  }
}
