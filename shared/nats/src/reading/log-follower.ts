import { type RunId, runsStream, subjects } from '@troupe/contract';
import type { Bus } from '../bus/connect.ts';
import type { LogEntry } from './log-entry.ts';
import { lastSeq } from './last-seq.ts';
import type { Position } from './position.ts';
import { readStored } from './read-batch.ts';
import type { RunSource } from './run-source.ts';
import { ShardFollower } from './shard-follower.ts';
import { type Watched, Watcher } from './watcher.ts';

/** Looks again without a wake-up: one may be lost when the connection is. */
const LOOK_AGAIN_MS = 2_000;

/** One who follows the log, until it is stopped. */
export interface Following {
  /** No more entries once it resolves. */
  stop(): Promise<void>;
}

/**
 * Follows the log for all who watch it in one process.
 *
 * L1. A watcher gets each entry behind its position once, and those of one shard in the order of the log.
 * L2. A watcher gets every entry: what was stored before a shared reading began it reads by itself, and what the shared
 *     reading finds meanwhile is held until it has.
 * L3. A live message only says that there is something to read: one that the stream refused is heard too, and some are
 *     lost with the connection.
 * L4. What is read while nothing happens does not grow with the watchers: above {@link ALONE_MAX} in a shard, or with one of
 *     all runs, they share one reading. Below, what happens in runs that nobody watches is not read.
 */
export class LogFollower {
  readonly #bus: Bus;
  readonly #runs: RunSource;
  readonly #followers: readonly ShardFollower[];
  #watching = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(bus: Bus, runs: RunSource) {
    this.#bus = bus;
    this.#runs = runs;
    this.#followers = bus.layout.streams.map(
      (stream, shard) => new ShardFollower({ read: readerOf(bus, shard), lastSeq: () => lastSeq(bus, stream) }),
    );
  }

  /** Gives every entry of a run, or of all, behind `after` to `onEntry`, until stopped. */
  watch(scope: RunId | 'all', after: Position, onEntry: (entry: LogEntry) => void): Following {
    const watched = this.#followers.flatMap((follower, shard) => {
      const part = this.#partOf(scope, shard);
      if (part === undefined) return [];
      const watcher = new Watcher({ ...part, scope, onEntry }, after.get(runsStream(shard)) ?? 0);
      follower.add(watcher);
      return [{ follower, watcher }];
    });
    this.#watching += 1;
    this.#timer ??= setInterval(() => this.#poll(), LOOK_AGAIN_MS);
    const stop = async (): Promise<void> => {
      this.#watching -= 1;
      if (this.#watching === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
      await Promise.all(watched.map(({ follower, watcher }) => follower.stop(watcher)));
    };
    let stopped: Promise<void> | undefined;
    return { stop: () => (stopped ??= stop()) };
  }

  /** How what is watched is read from one shard; undefined if it is not there. */
  #partOf(scope: RunId | 'all', shard: number): Pick<Watched, 'read' | 'listen'> | undefined {
    const { layout } = this.#bus;
    if (scope === 'all')
      return { read: readerOf(this.#bus, shard), listen: listenerTo(this.#bus, subjects.messagesOf(shard)) };
    if (layout.shardOf(scope) !== shard) return undefined;
    return {
      read: (fromSeq) => this.#runs.from(scope, fromSeq),
      listen: listenerTo(this.#bus, layout.runOfAnybody(scope)),
    };
  }

  #poll(): void {
    for (const follower of this.#followers) follower.poll();
  }
}

const readerOf =
  (bus: Bus, shard: number): Watched['read'] =>
  (fromSeq) =>
    readStored(bus, { stream: runsStream(shard), subject: subjects.messagesOf(shard), fromSeq });

const listenerTo =
  (bus: Bus, subject: string): Watched['listen'] =>
  (wake) => {
    const subscription = bus.nc.subscribe(subject, { callback: wake });
    return () => subscription.unsubscribe();
  };
