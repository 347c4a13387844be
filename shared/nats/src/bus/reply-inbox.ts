import type { Msg, Subscription } from '@nats-io/nats-core';
import { type Bus, inboxOf } from './connect.ts';
import { listen } from './listen.ts';
import { Unreadable } from './unreadable.ts';

/**
 * Who waits for which reply, on one subscription: no subscription, timer or closure per request. A waiter has a reply
 * subject of its own and hears all that comes there until it is removed; what comes for nobody is dropped. Waiters
 * are in the order in which they came: the first is the oldest.
 *
 * `heard` may throw: the exception is counted in `unreadable` and the waiter goes on waiting.
 */
export class ReplyInbox<Waiter> implements Iterable<[reply: string, waiter: Waiter]> {
  readonly #prefix: string;
  readonly #waiters = new Map<string, Waiter>();
  readonly #subscription: Subscription;
  #next = 0;

  constructor(bus: Bus, heard: (waiter: Waiter, message: Msg) => void, unreadable: Unreadable = new Unreadable()) {
    this.#prefix = `${inboxOf(bus)}.`;
    this.#subscription = listen(bus, `${this.#prefix}*`, unreadable, (message) => {
      const waiter = this.#waiters.get(message.subject);
      if (waiter !== undefined) heard(waiter, message);
    });
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** The subject on which `waiter` hears replies from now on: the `reply` of what is published next. */
  add(waiter: Waiter): string {
    const reply = this.#prefix + (this.#next++).toString(36);
    this.#waiters.set(reply, waiter);
    return reply;
  }

  /** Whether it was there: of several that would settle a waiter, one is the first. */
  remove(reply: string): boolean {
    return this.#waiters.delete(reply);
  }

  /** Removes and returns all. */
  clear(): Waiter[] {
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    return waiters;
  }

  [Symbol.iterator](): MapIterator<[reply: string, waiter: Waiter]> {
    return this.#waiters.entries();
  }

  /** Hears nothing more. Those who wait are not told: the caller knows how. */
  close(): void {
    this.#subscription.unsubscribe();
  }
}
