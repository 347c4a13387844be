import type { StoredMessage } from '../bus/direct-get.ts';
import { asEntry, type LogEntry } from './log-entry.ts';
import { Looker } from './looker.ts';
import type { Watcher } from './watcher.ts';

/**
 * So far before the end of the shard it begins, and so many it shows to who joins: the replica that answers who joins may
 * be so far behind the one that answered here.
 */
const OVERLAP = 256;

/** All of a shard. */
export interface Shard {
  /** What is stored from a sequence on. */
  read(fromSeq: number): AsyncIterable<StoredMessage>;
  /** The sequence of the newest message, 0 if there is none. */
  lastSeq(): Promise<number>;
}

/** Reads all of a shard from its end on, once for all who watch a part of it. */
export class SharedReading {
  readonly #shard: Shard;
  readonly #looker = new Looker(() => this.#look());
  readonly #watchers = new Set<Watcher>();
  #recent: LogEntry[] = [];
  /** The sequence of what was read last; undefined until the end of the shard is known. */
  #done: number | undefined;

  constructor(shard: Shard) {
    this.#shard = shard;
    this.#looker.poll();
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (this.#done !== undefined) this.#join(watcher);
  }

  delete(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** Looks once. */
  poll(): void {
    this.#looker.poll();
  }

  async stop(): Promise<void> {
    this.#watchers.clear();
    await this.#looker.stop();
  }

  async #look(): Promise<void> {
    for await (const stored of this.#shard.read((this.#done ?? (await this.#begin())) + 1)) {
      // What is missing has left the shard unread: each looks for its own, in the archive, too (L2).
      if (this.#done !== undefined && stored.seq > this.#done + 1) this.#joinAll();
      this.#done = stored.seq;
      const entry = asEntry(stored);
      if (entry !== undefined) this.#give(entry);
    }
  }

  /** What is stored now each watcher reads by itself: so they join when it is known where this reading begins (L2). */
  async #begin(): Promise<number> {
    const done = Math.max(0, (await this.#shard.lastSeq()) - OVERLAP);
    this.#done = done;
    this.#joinAll();
    return done;
  }

  #joinAll(): void {
    for (const watcher of this.#watchers) this.#join(watcher);
  }

  /** It wakes this reading for what is watched: what happens in other runs is read when it comes by. */
  #join(watcher: Watcher): void {
    watcher.join(this.#recent, () => this.#looker.wake());
  }

  #give(entry: LogEntry): void {
    this.#recent.push(entry);
    if (this.#recent.length > 2 * OVERLAP) this.#recent = this.#recent.slice(-OVERLAP);
    for (const watcher of this.#watchers) watcher.take(entry);
  }
}
