import type { RunId } from '@troupe/contract';
import type { StoredMessage } from '../bus/direct-get.ts';
import { asEntry, type LogEntry } from './log-entry.ts';
import { Looker } from './looker.ts';

/** Entries that wait for a watcher which reads what was before them; it reads them, too, if there are more. */
const HELD_MAX = 4_096;

/** What is watched, and for whom. */
export interface Watched {
  scope: RunId | 'all';
  /** What is stored of it from a sequence on. */
  read(fromSeq: number): AsyncIterable<StoredMessage>;
  /** Calls back when something of it is published; gives the end of that. */
  listen(wake: () => void): () => void;
  onEntry(entry: LogEntry): void;
}

type Mode =
  | { is: 'waiting' }
  /** Reads by itself. */
  | { is: 'alone' }
  /** Reads what was before, and keeps what it is given meanwhile; `isWhole`: it could keep all. */
  | { is: 'joining'; held: LogEntry[]; isWhole: boolean; wake: () => void }
  /** Is given all by a reading that it shares with others, and wakes that. */
  | { is: 'joined'; wake: () => void }
  | { is: 'stopped' };

/** Gives what is stored of a run, or of a whole shard, to one who watches: each entry once and in order (L1). */
export class Watcher {
  readonly #watched: Watched;
  readonly #looker = new Looker(() => this.#look());
  readonly #unlisten: () => void;
  #mode: Mode = { is: 'waiting' };
  /** The sequence of what it has given last. */
  #done: number;

  constructor(watched: Watched, afterSeq: number) {
    this.#watched = watched;
    this.#done = afterSeq;
    this.#unlisten = watched.listen(() => this.#wake());
  }

  get scope(): RunId | 'all' {
    return this.#watched.scope;
  }

  /** From now on it reads by itself. */
  readAlone(): void {
    if (this.#mode.is === 'stopped') return;
    this.#mode = { is: 'alone' };
    this.#looker.wake();
  }

  /**
   * From now on it is given all of its shard by {@link take}, and calls `wake` when there is something; `before` are the
   * last that were given to others.
   */
  join(before: readonly LogEntry[], wake: () => void): void {
    if (this.#mode.is === 'stopped') return;
    this.#mode = { is: 'joining', held: before.filter((entry) => this.#isOurs(entry)), isWhole: true, wake };
    this.#looker.poll();
  }

  /** The next entry of its shard. */
  take(entry: LogEntry): void {
    const mode = this.#mode;
    if (!this.#isOurs(entry)) return;
    if (mode.is === 'joined') this.#give(entry);
    if (mode.is !== 'joining') return;
    mode.isWhole &&= mode.held.length < HELD_MAX;
    if (mode.isWhole) mode.held.push(entry);
  }

  /** Looks once, if it reads by itself. */
  poll(): void {
    if (this.#mode.is === 'alone' || this.#mode.is === 'joining') this.#looker.poll();
  }

  /** Gives nothing more from now on. */
  async stop(): Promise<void> {
    this.#mode = { is: 'stopped' };
    this.#unlisten();
    await this.#looker.stop();
  }

  #wake(): void {
    const mode = this.#mode;
    if (mode.is === 'alone') this.#looker.wake();
    else if (mode.is === 'joining' || mode.is === 'joined') mode.wake();
  }

  async #look(): Promise<void> {
    const mode = this.#mode;
    if (mode.is !== 'alone' && mode.is !== 'joining') return;
    for await (const stored of this.#watched.read(this.#done + 1)) {
      if (this.#mode !== mode) return;
      const entry = asEntry(stored);
      if (entry !== undefined) this.#give(entry);
    }
    if (this.#mode === mode && mode.is === 'joining') this.#endJoining(mode);
  }

  /** All that was stored before it joined is given, and what came since is held: there is no gap (L2). */
  #endJoining({ held, isWhole, wake }: Extract<Mode, { is: 'joining' }>): void {
    if (!isWhole) return this.join([], wake);
    this.#mode = { is: 'joined', wake };
    for (const entry of held) this.#give(entry);
  }

  #isOurs({ run }: LogEntry): boolean {
    return this.scope === 'all' || this.scope === run;
  }

  #give(entry: LogEntry): void {
    if (entry.seq <= this.#done || this.#mode.is === 'stopped') return;
    this.#done = entry.seq;
    try {
      this.#watched.onEntry(entry);
    } catch {
      // The mistake of one who watches: those who watch beside it get the entry all the same.
    }
  }
}
