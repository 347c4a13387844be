/** The shortest time that was seen is forgotten by so much in a second: clocks drift, and are corrected. */
const FORGOTTEN_MS_PER_S = 1;
/** One message counts for no more, stored and delivered: it may be of the time before this process was there. */
export const DELAY_MS_MAX = 1_000;

/** How late messages were. */
export interface Delay {
  messages: number;
  /** In the mean, in ms. */
  ms: number;
}

/** Who is told of the messages of a process. */
export interface Meter {
  /** A message of a run came so many ms after it was stored, by two clocks. */
  delivered(ms: number): void;
  /** A message is sent; returns what to call when it is stored or refused. */
  sent(): () => void;
}

/**
 * How late a message is in the mean, in ms, by what was seen here and by what other processes tell. These may lie: none
 * of them weighs more than what was seen here, and they make it no shorter. Pure.
 */
export function meanDelay(own: Delay | undefined, others: readonly Delay[]): number {
  const { messages, ms } = own ?? { messages: 1, ms: 0 };
  const told = others.map((other) => ({ ms: other.ms, weight: Math.min(other.messages, messages) }));
  const all = own === undefined ? told : [{ ms, weight: messages }, ...told];
  const weight = all.reduce((sum, each) => sum + each.weight, 0);
  const mean = weight === 0 ? 0 : all.reduce((sum, each) => sum + each.weight * each.ms, 0) / weight;
  return Math.max(ms, mean);
}

/** How much longer something takes than when nobody waits: above the shortest of its times. */
class Excess {
  #shortest = Infinity;
  #at = 0;

  /** Both in ms. */
  of(ms: number, now: number): number {
    const forgotten = ((now - this.#at) / 1_000) * FORGOTTEN_MS_PER_S;
    this.#shortest = Math.min(this.#shortest + forgotten, ms);
    this.#at = now;
    return this.above(ms);
  }

  /** The same of what is not over yet. */
  above(ms: number): number {
    return Math.min(DELAY_MS_MAX, Math.max(0, ms - this.#shortest));
  }
}

/**
 * How late the messages of a process are: those that it receives, by when they were stored, and those that it writes, by
 * when that was confirmed. Times of two clocks are compared with each other only: how far these are apart is in every
 * one of them. `now` is in ms of any clock that does not jump.
 */
export class Delays {
  readonly #deliveries = new Excess();
  readonly #appends = new Excess();
  readonly #open = new Map<number, number>();
  #opened = 0;
  #lateMs = 0;
  #messages = 0;
  #waitedMs = 0;
  #confirmed = 0;

  /** A message came so long after it was stored. */
  delivered(ms: number, now: number): void {
    this.#lateMs += this.#deliveries.of(ms, now);
    this.#messages += 1;
  }

  /** A message is sent; returns what to call when it is stored, or refused. */
  sent(now: number): (now: number) => void {
    const key = (this.#opened += 1);
    this.#open.set(key, now);
    return (later) => {
      if (!this.#open.delete(key)) return;
      this.#waitedMs += this.#appends.of(later - now, later);
      this.#confirmed += 1;
    };
  }

  /** The delay of messages since the last call; undefined if nothing came and nothing is awaited. */
  take(now: number): Delay | undefined {
    const overdue = [...this.#open.values()].map((since) => this.#appends.above(now - since)).filter((ms) => ms > 0);
    const appends = this.#confirmed + overdue.length;
    const waitedMs = overdue.reduce((sum, ms) => sum + ms, this.#waitedMs);
    const messages = this.#messages;
    const lateMs = this.#lateMs;
    this.#lateMs = this.#waitedMs = this.#messages = this.#confirmed = 0;
    if (messages + appends === 0) return undefined;
    const ms = lateMs / Math.max(1, messages) + waitedMs / Math.max(1, appends);
    return { messages: Math.max(messages, appends), ms };
  }
}
