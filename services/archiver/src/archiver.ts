import { setTimeout as sleep } from 'node:timers/promises';
import { type Bus, NatsArchive, readStored, type Replicas, type RequestChannel } from '@troupe/nats';
import type { Logger } from '@troupe/telemetry';
import { sweepGoals } from './goal-sweeper.ts';
import { NatsShardStore } from './nats-shard-store.ts';
import { ShardArchiver, type Watcher } from './shard-archiver.ts';

/** Between two looks at a shard. */
const ROUND_MS = 500;
/** Rounds between two looks at the goals: there may be many tenants. */
const SWEEP_EVERY = 10;
/** After a failure: the broker may be away. */
const PAUSE_MS = 2_000;
/** From here on runs leave sooner than they were to. */
const CROWDED = 3 / 4;
/**
 * But not sooner than this: a process that took in a goal, or a message of the run, before it ended may write until then
 * (appends are held for 100 s), and would begin anew where there is no log.
 */
const KEEP_CROWDED_MS = 150_000;
/** A process whose rounds fail for so long is not ready. */
const FAILING_MS_MAX = 30_000;

interface ArchiverOptions {
  bus: Bus;
  channel: RequestChannel;
  replicas: Replicas;
  log: Logger;
  watcher: Watcher;
  keepMs: number;
}

/** One shard that this replica may be at home in. */
interface Desk {
  shard: number;
  store: NatsShardStore;
  /** Made anew whenever the shard comes back to this replica: another one has worked on it since. */
  archiver: ShardArchiver | undefined;
  /** When its last round went well, by `performance.now()`. */
  wentWellAt: number;
  rounds: number;
}

/** Archives the shards that this replica is at home in, each in rounds, until it is stopped. */
export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #archive: NatsArchive;
  readonly #desks: readonly Desk[];
  readonly #stopping = new AbortController();
  #rounds: Promise<void>[] = [];

  constructor(options: ArchiverOptions) {
    const { bus, channel } = options;
    this.#options = options;
    this.#archive = new NatsArchive(channel);
    this.#desks = bus.layout.streams.map((_, shard) => ({
      shard,
      store: new NatsShardStore(bus, this.#archive, shard),
      archiver: undefined,
      wentWellAt: performance.now(),
      rounds: 0,
    }));
  }

  start(): void {
    this.#rounds = this.#desks.map((desk) => this.#work(desk));
  }

  /** Resolves when no round is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#rounds);
  }

  get isAlive(): boolean {
    const now = performance.now();
    return this.#desks.every(({ wentWellAt }) => now - wentWellAt < FAILING_MS_MAX);
  }

  /** Runs in the shards of this replica. */
  get runs(): number {
    return this.#desks.reduce((sum, { archiver }) => sum + (archiver?.size ?? 0), 0);
  }

  get heldBytes(): number {
    return this.#desks.reduce((sum, { archiver }) => sum + (archiver?.heldBytes ?? 0), 0);
  }

  async #work(desk: Desk): Promise<void> {
    const { log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      let pauseMs = ROUND_MS;
      try {
        if (await this.#round(desk)) pauseMs = 0;
        desk.wentWellAt = performance.now();
      } catch (error) {
        log.warn({ shard: desk.shard, reason: String(error) }, 'archiving is tried again');
        pauseMs = PAUSE_MS;
      }
      await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** Whether there is more to do at once. */
  async #round(desk: Desk): Promise<boolean> {
    const { replicas, watcher, keepMs } = this.#options;
    if (!replicas.isHomeOf(desk.shard)) {
      desk.archiver = undefined;
      return false;
    }
    desk.archiver ??= new ShardArchiver(desk.store, watcher);
    const isCrowded = (await desk.store.fullness()) > CROWDED;
    const isMore = await desk.archiver.round(isCrowded ? Math.min(keepMs, KEEP_CROWDED_MS) : keepMs);
    desk.rounds += 1;
    if (desk.rounds % SWEEP_EVERY === 1) await this.#sweep(desk.shard);
    return isMore;
  }

  /** Tenants go round the shards. */
  async #sweep(shard: number): Promise<void> {
    const { bus } = this.#options;
    for (const [index, stream] of bus.layout.goalStreams.entries()) {
      if (index % bus.layout.shards !== shard) continue;
      await sweepGoals({
        ackFloors: () => this.#archive.ackFloors(stream),
        read: () => readStored(bus, { stream, subject: '>', fromSeq: 1 }),
        delete: (seq) => this.#archive.delete(stream, seq),
      });
    }
  }
}
