import type { Delivery, Mailbox } from '../ports.ts';
import type { MemoryConsumer, Taker } from './memory-consumer.ts';

/** One replica's share of a role's consumers: see {@link Mailbox}. */
export class MemoryMailbox implements Mailbox {
  readonly #consumers: readonly MemoryConsumer[];
  #taker: Taker | undefined;

  constructor(consumers: readonly MemoryConsumer[]) {
    this.#consumers = consumers;
  }

  async open(handler: (delivery: Delivery) => void): Promise<void> {
    await Promise.resolve();
    this.#taker = handler;
    for (const consumer of this.#consumers) consumer.attach(handler);
  }

  /** Everything is delivered at once. */
  mayBring(): boolean {
    return false;
  }

  stopPulling(): Promise<void> {
    const taker = this.#taker;
    if (taker !== undefined) for (const consumer of this.#consumers) consumer.detach(taker);
    return Promise.resolve();
  }
}
