import { encode, type LogLayout, subjects, type Token } from '@troupe/contract';
import type { Timer, Timers } from '@troupe/actor';
import { headers } from '@nats-io/nats-core';
import { readPublishAck } from '../bus/publish-ack.ts';
import type { RequestChannel } from '../bus/request-channel.ts';

/** Timers that are armed within this time and due in the same grain of time share one durable message. */
const GATHER_MS = 200;
const GRAIN_MS = 1_000;
/** What is due soon must not be rounded by as much as it lasts. */
const SOON_MS = 30_000;
const SOON_GRAIN_MS = 100;
const BATCH_MAX = 2_048;
const DUE_KEPT = '168h';

interface Batch {
  dueAt: number;
  timers: Timer[];
  resolve: (() => void)[];
  reject: ((error: unknown) => void)[];
}

/**
 * Durable timers made with JetStream message schedules (ADR-51). Deadlines are many and almost never matter, so they
 * are gathered: all timers of a shard and tenant that are armed within 200 ms and due in the same second (or tenth of
 * one, if that is soon) are one message. An input is acked only when its timer is durable, so gathering delays no work,
 * only an ack.
 */
export class NatsTimers implements Timers {
  readonly #channel: RequestChannel;
  readonly #layout: LogLayout;
  readonly #role: Token;
  readonly #process: string;
  #gathered = new Map<string, Batch>();
  #flush: NodeJS.Timeout | undefined;
  #next = 0;

  /** `process` is a token unique to this process: two processes never write the same timer subject. */
  constructor(channel: RequestChannel, layout: LogLayout, role: Token, process: string) {
    this.#channel = channel;
    this.#layout = layout;
    this.#role = role;
    this.#process = process;
  }

  arm(timer: Timer): Promise<void> {
    return new Promise((resolve, reject) => {
      const grainMs = timer.at - Date.now() < SOON_MS ? SOON_GRAIN_MS : GRAIN_MS;
      const dueAt = Math.ceil(timer.at / grainMs) * grainMs;
      const key = `${this.#layout.shardOf(timer.run)} ${timer.tenant} ${dueAt}`;
      const batch = this.#gathered.get(key) ?? { dueAt, timers: [], resolve: [], reject: [] };
      batch.timers.push(timer);
      batch.resolve.push(resolve);
      batch.reject.push(reject);
      this.#gathered.set(key, batch);
      if (batch.timers.length >= BATCH_MAX) this.#write();
      else this.#flush ??= setTimeout(() => this.#write(), GATHER_MS);
    });
  }

  armAlone(timer: Timer, dueAt: number): Promise<void> {
    return this.#schedule(dueAt, timer, [timer]);
  }

  #write(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const { dueAt, timers, resolve, reject } of gathered.values()) {
      const [first] = timers;
      if (first === undefined) continue;
      this.#schedule(dueAt, first, timers).then(
        () => resolve.forEach((done) => done()),
        (error: unknown) => reject.forEach((fail) => fail(error)),
      );
    }
  }

  /** `timers` are all of the shard and tenant of `one`. */
  async #schedule(dueAt: number, one: Timer, timers: readonly Timer[]): Promise<void> {
    const shard = this.#layout.shardOf(one.run);
    const schedule = headers();
    schedule.set('Nats-Schedule', `@at ${new Date(dueAt).toISOString()}`);
    schedule.set('Nats-Schedule-Target', subjects.due(shard, one.tenant, this.#role));
    schedule.set('Nats-Schedule-TTL', DUE_KEPT);
    const subject = subjects.timer(shard, one.tenant, this.#role, `${this.#process}-${this.#next++}`);
    readPublishAck(
      await this.#channel.request(subject, encode({ timers: timers.map(({ run, at }) => ({ run, at })) }), schedule),
    );
  }
}
