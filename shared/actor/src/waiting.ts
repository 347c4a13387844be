import { LRUCache } from 'lru-cache';
import type { Delivery } from './ports.ts';

/** Messages that may wait at the broker for another process at the same time, as far as this process knows. */
export const WAITING_MAX = 5_000;
/** Longer than the longest pause between two deliveries: what was not seen for so long was taken by somebody else. */
const FORGOTTEN_AFTER_MS = 1_800_000;

/**
 * The messages that were given back to wait. Each of them takes one of the consumer's places for messages in flight,
 * so that a flood of them would stop everything else: what exceeds the bound is buried instead, with its reason.
 */
export class Waiting {
  readonly #messages = new LRUCache<string, true>({ max: WAITING_MAX, ttl: FORGOTTEN_AFTER_MS });

  /** Undefined if the message may wait, else why not. */
  add(delivery: Delivery): string | undefined {
    const key = keyOf(delivery);
    if (this.#messages.has(key) || this.#messages.size < WAITING_MAX || this.#messages.purgeStale()) {
      this.#messages.set(key, true);
      return undefined;
    }
    return `${WAITING_MAX} messages are waiting already`;
  }

  forget(delivery: Delivery): void {
    if (this.#messages.size > 0) this.#messages.delete(keyOf(delivery));
  }
}

const keyOf = ({ source, seq }: Delivery): string => `${source}/${seq}`;
