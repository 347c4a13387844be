import { BrokenArchiveError, type LoggedMessage, type RunRecord, ShardLedger } from '@troupe/archive';
import { TransientError } from '@troupe/actor';
import type { RunId, RunRef } from '@troupe/contract';
import { archiveRun, type ArchiveStore, DifferentArchiveError, findArchived } from './archive-run.ts';
import { atOnce } from './at-once.ts';

/** After this long without a message a run is taken for quiet. */
const SETTLE_MS = 1_000;
/** Bytes of messages that wait in memory, per shard: runs that go on, and those that are over and not archived. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;
/** A restart finds hours of runs that are over: they are archived while it reads, not all at the end. */
const READ_MAX = 4_096;
const RUNS_AT_ONCE = 16;
const DELETES_AT_ONCE = 32;
/** Runs that leave in one go. */
const LEAVING_MAX = 256;

/** The shard that is archived, and the archive. */
export interface ShardStore extends ArchiveStore {
  /** The messages of the shard behind a sequence, in order. */
  read(fromSeq: number): AsyncIterable<LoggedMessage>;
  /** Those of one run. */
  readRun(ref: RunRef, fromSeq: number): AsyncIterable<LoggedMessage>;
  delete(seq: number): Promise<void>;
  /** Unix ms by the broker, as well as it is known. */
  now(): number;
  isHere(run: RunId): boolean;
}

/** What happens is told, for logs and metrics. */
export interface Watcher {
  archived(parts: number, messages: number): void;
  left(runs: number): void;
  /** A person has to look at it: the run stays where it is. */
  fault(run: string, reason: string): void;
}

/**
 * Archives one shard: reads it on, writes each run that is over into the archive, and lets it go when its time has come.
 * Everything it knows comes from the shard and the archive, so that it may end at any moment and begin again anywhere.
 */
export class ShardArchiver {
  readonly #store: ShardStore;
  readonly #watcher: Watcher;
  readonly #ledger: ShardLedger;
  /** Runs that have left in part, whose archive was not asked for yet. */
  readonly #torn = new Set<RunRecord>();
  /** Runs whose archive another archiver may have written: all that were there before this one. */
  #caughtUp = false;

  constructor(store: ShardStore, watcher: Watcher) {
    this.#store = store;
    this.#watcher = watcher;
    const isHere = (run: RunId) => store.isHere(run);
    this.#ledger = new ShardLedger({ settleMs: SETTLE_MS, heldBytesMax: HELD_BYTES_MAX, isHere });
  }

  /** Runs that are in the shard. */
  get size(): number {
    return this.#ledger.size;
  }

  get heldBytes(): number {
    return this.#ledger.heldBytes;
  }

  /** One round; whether there is more to do at once. Rejects with TransientError when it should be tried again. */
  async round(keepMs: number): Promise<boolean> {
    // First: what cannot be archived just now must not stop what is archived. And no more than a part: under load runs
    // come as fast as they leave, and those that are over wait to be archived.
    const isMore = await this.#letGo(keepMs);
    let read = 0;
    for await (const message of this.#store.read(this.#ledger.position + 1)) {
      const torn = this.#ledger.take(message);
      if (torn !== undefined) this.#torn.add(torn);
      read += 1;
      if (read % READ_MAX === 0) await this.#archive();
    }
    await this.#archive();
    this.#caughtUp = true;
    return isMore;
  }

  async #archive(): Promise<void> {
    await atOnce([...this.#torn], RUNS_AT_ONCE, async (record) => {
      await this.#lookUp(record, []);
      this.#torn.delete(record);
    });
    const over = this.#ledger.over(this.#store.now());
    const [held, long] = [over.filter((record) => record.held), over.filter((record) => !record.held)];
    await atOnce(held, RUNS_AT_ONCE, (record) => this.#archiveOne(record));
    // Whole runs that there was no room for: one at a time.
    await atOnce(long, 1, (record) => this.#archiveOne(record));
  }

  async #archiveOne(record: RunRecord): Promise<void> {
    const log = record.held ?? (await this.#readAgain(record));
    try {
      const mayBeThere = record.archived === undefined && (!this.#caughtUp || !record.isWhole);
      if (mayBeThere && (await this.#lookUp(record, log))) return;
      const before = record.archived?.parts ?? 0;
      const archived = await archiveRun(this.#store, record, log);
      this.#ledger.archived(record, archived);
      this.#watcher.archived(archived.parts - before, log.length);
    } catch (error) {
      this.#refuse(record, error);
    }
  }

  /** Whether the archive has all that is known of the run. */
  async #lookUp(record: RunRecord, log: readonly LoggedMessage[]): Promise<boolean> {
    try {
      const archived = await findArchived(this.#store, record, log);
      if (archived !== undefined) this.#ledger.archived(record, archived);
      return archived !== undefined && archived.lastSeq >= record.lastSeq;
    } catch (error) {
      this.#refuse(record, error);
      return true;
    }
  }

  #refuse(record: RunRecord, error: unknown): void {
    if (!(error instanceof DifferentArchiveError) && !(error instanceof BrokenArchiveError)) throw error;
    this.#ledger.setAside(record);
    this.#watcher.fault(record.run, error.message);
  }

  async #readAgain(record: RunRecord): Promise<LoggedMessage[]> {
    const log: LoggedMessage[] = [];
    for await (const message of this.#store.readRun(record, record.seqs[0] ?? 1))
      if (message.seq > (record.archived?.lastSeq ?? 0) && message.seq <= record.lastSeq) log.push(message);
    const missing = record.seqs.filter((seq) => seq > (record.archived?.lastSeq ?? 0)).length - log.length;
    if (missing !== 0) throw new TransientError(`${missing} messages of the run ${record.run} cannot be read again`);
    return log;
  }

  /** Message by message, the oldest first: a purge stops the whole stream (shared/README.md, Decisions). */
  async #letGo(keepMs: number): Promise<boolean> {
    const due = this.#ledger.leaving(this.#store.now(), keepMs, LEAVING_MAX);
    const leaving: RunRecord[] = [];
    await atOnce(due, RUNS_AT_ONCE, async (record) => {
      if (await this.#isSafe(record)) leaving.push(record);
    });
    const seqs = leaving.flatMap((record) => record.seqs).toSorted((one, other) => one - other);
    await atOnce(seqs, DELETES_AT_ONCE, (seq) => this.#store.delete(seq));
    for (const record of leaving) this.#ledger.forget(record);
    this.#watcher.left(leaving.length);
    return due.length === LEAVING_MAX;
  }

  /**
   * Whether the archive has of a run what it had when that was written: somebody may have discarded or changed it since.
   * What is another one is compared with the log before anything leaves.
   */
  async #isSafe(record: RunRecord): Promise<boolean> {
    try {
      const found = await findArchived(this.#store, record, []);
      if (found !== undefined && found.to === record.archived?.to) return true;
      this.#ledger.notArchived(record);
    } catch (error) {
      this.#refuse(record, error);
    }
    return false;
  }
}
