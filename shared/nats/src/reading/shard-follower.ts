import { SharedReading, type Shard } from './shared-reading.ts';
import type { Watcher } from './watcher.ts';

/** So many watchers of runs read by themselves: what a busy shard holds beside their runs is nothing to them. */
export const ALONE_MAX = 8;
/** So few are left when they begin to do so again: not at each one that comes and goes. */
const ALONE_AGAIN = ALONE_MAX / 2;

/** Reads one shard for all who watch something in it: for each run by itself, or all of the shard once for everybody. */
export class ShardFollower {
  readonly #shard: Shard;
  readonly #watchers = new Set<Watcher>();
  #shared: SharedReading | undefined;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (this.#shared !== undefined) this.#shared.add(watcher);
    else if (watcher.scope === 'all' || this.#watchers.size > ALONE_MAX) this.#share();
    else watcher.readAlone();
  }

  /** Resolves when the watcher gives nothing more. */
  async stop(watcher: Watcher): Promise<void> {
    this.#watchers.delete(watcher);
    this.#shared?.delete(watcher);
    const isForAll = [...this.#watchers].some(({ scope }) => scope === 'all');
    const ended = !isForAll && this.#watchers.size <= ALONE_AGAIN ? this.#part() : undefined;
    await Promise.all([watcher.stop(), ended]);
  }

  /** Looks for what nobody was woken for. */
  poll(): void {
    this.#shared?.poll();
    for (const watcher of this.#watchers) watcher.poll();
  }

  #share(): void {
    this.#shared = new SharedReading(this.#shard);
    for (const watcher of this.#watchers) this.#shared.add(watcher);
  }

  /** Whoever is left reads by itself. */
  #part(): Promise<void> | undefined {
    const ended = this.#shared?.stop();
    this.#shared = undefined;
    if (ended !== undefined) for (const watcher of this.#watchers) watcher.readAlone();
    return ended;
  }
}
