import type { Delivery } from '../ports.ts';
import type { ManualClock } from './manual-clock.ts';
import type { Entry, MemoryStream } from './memory-stream.ts';

/** Somebody who takes deliveries of a consumer. */
export type Taker = (delivery: Delivery) => void;

interface Pending {
  readonly entry: Entry;
  deliveries: number;
  /** When it may be delivered (again), in Unix ms; `Infinity` never comes. */
  dueAt: number;
}

/**
 * A durable consumer with explicit acks, shared by all takers: a message that nobody has settled is delivered again
 * after the ack wait. Time passes only when the clock is moved. As on NATS a handle of an earlier delivery still
 * settles the message.
 */
export class MemoryConsumer {
  readonly #source: Delivery['source'];
  readonly #clock: ManualClock;
  readonly #ackWaitMs: number;
  readonly #pending = new Map<number, Pending>();
  #takers: Taker[] = [];
  #deliveries = 0;
  #scheduled = false;

  constructor(
    source: Delivery['source'],
    stream: MemoryStream,
    wanted: (subject: string) => boolean,
    time: { clock: ManualClock; ackWaitMs: number },
  ) {
    this.#source = source;
    this.#clock = time.clock;
    this.#ackWaitMs = time.ackWaitMs;
    const add = (entry: Entry) => {
      if (!wanted(entry.subject)) return;
      this.#pending.set(entry.seq, { entry, deliveries: 0, dueAt: 0 });
      this.#wake();
    };
    for (const entry of stream.entries) add(entry);
    stream.onStore(add);
    time.clock.onAdvance(() => this.#wake());
  }

  /** Messages that are not settled. */
  get unsettled(): number {
    return this.#pending.size;
  }

  /** Deliveries so far, repeated ones included. */
  get deliveries(): number {
    return this.#deliveries;
  }

  /** When the next delivery is due, in Unix ms; `Infinity` if nothing is left. */
  get nextDueAt(): number {
    return Math.min(Infinity, ...[...this.#pending.values()].map(({ dueAt }) => dueAt));
  }

  attach(taker: Taker): void {
    this.#takers.push(taker);
    this.#wake();
  }

  detach(taker: Taker): void {
    this.#takers = this.#takers.filter((other) => other !== taker);
  }

  /** Deliveries come in a later turn, never inside the call that caused them. */
  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliverDue();
    });
  }

  #deliverDue(): void {
    const now = this.#clock.now();
    for (const pending of this.#pending.values()) {
      if (this.#takers.length === 0) return;
      if (pending.dueAt > now) continue;
      pending.deliveries += 1;
      pending.dueAt = now + this.#ackWaitMs;
      this.#takers[this.#deliveries++ % this.#takers.length]?.(this.#delivery(pending));
    }
  }

  #delivery(pending: Pending): Delivery {
    const { subject, bytes, seq, at } = pending.entry;
    const again = (delayMs: number) => {
      if (this.#pending.get(seq) === pending) pending.dueAt = this.#clock.now() + delayMs;
    };
    return {
      source: this.#source,
      stream: this.#source,
      subject,
      bytes,
      seq,
      at,
      deliveries: pending.deliveries,
      isFresh: false,
      ack: () => void this.#pending.delete(seq),
      reject: () => void this.#pending.delete(seq),
      retry: (delayMs) => {
        again(delayMs);
        this.#wake();
      },
      working: () => again(this.#ackWaitMs),
    };
  }
}
