import { encode, subjects, type Token } from '@troupe/contract';
import type { Timer, Timers } from '@troupe/actor';
import { headers } from '@nats-io/nats-core';
import { readPublishAck } from '../bus/publish-ack.ts';
import type { RequestChannel } from '../bus/request-channel.ts';

/** Timers that are armed within this time and due in the same grain of time share one durable message. */
const GATHER_MS = 50;
const GRAIN_MS = 1_000;
/** What is due soon must not be rounded by as much as it lasts. */
const SOON_MS = 30_000;
const SOON_GRAIN_MS = 100;
const BATCH_MAX = 2_048;
const DUE_KEPT = '168h';

interface Batch {
  timers: Timer[];
  resolve: (() => void)[];
  reject: ((error: unknown) => void)[];
}

/**
 * Durable timers made with JetStream message schedules (ADR-51). Deadlines are many and almost never matter, so they
 * are gathered: all timers armed within 50 ms that are due in the same second (or tenth of one, if that is soon) are one
 * message. An input is acked only
 * when its timer is durable, so gathering delays no work, only an ack.
 */
export class NatsTimers implements Timers {
  readonly #channel: RequestChannel;
  readonly #role: Token;
  readonly #process: string;
  #gathered = new Map<number, Batch>();
  #flush: NodeJS.Timeout | undefined;
  #next = 0;

  /** `process` is a token unique to this process: two processes never write the same timer subject. */
  constructor(channel: RequestChannel, role: Token, process: string) {
    this.#channel = channel;
    this.#role = role;
    this.#process = process;
  }

  arm(timer: Timer): Promise<void> {
    return new Promise((resolve, reject) => {
      const grainMs = timer.at - Date.now() < SOON_MS ? SOON_GRAIN_MS : GRAIN_MS;
      const dueAt = Math.ceil(timer.at / grainMs) * grainMs;
      const batch = this.#gathered.get(dueAt) ?? { timers: [], resolve: [], reject: [] };
      batch.timers.push(timer);
      batch.resolve.push(resolve);
      batch.reject.push(reject);
      this.#gathered.set(dueAt, batch);
      if (batch.timers.length >= BATCH_MAX) this.#write();
      else this.#flush ??= setTimeout(() => this.#write(), GATHER_MS);
    });
  }

  armAlone(timer: Timer, dueAt: number): Promise<void> {
    return this.#schedule(dueAt, [timer]);
  }

  #write(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const [dueAt, { timers, resolve, reject }] of gathered) {
      this.#schedule(dueAt, timers).then(
        () => resolve.forEach((done) => done()),
        (error: unknown) => reject.forEach((fail) => fail(error)),
      );
    }
  }

  async #schedule(dueAt: number, timers: Timer[]): Promise<void> {
    const schedule = headers();
    schedule.set('Nats-Schedule', `@at ${new Date(dueAt).toISOString()}`);
    schedule.set('Nats-Schedule-Target', subjects.due(this.#role));
    schedule.set('Nats-Schedule-TTL', DUE_KEPT);
    const subject = subjects.timer(this.#role, `${this.#process}-${this.#next++}`);
    readPublishAck(await this.#channel.request(subject, encode({ timers }), schedule));
  }
}
