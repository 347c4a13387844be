import type { Delivery } from './ports.ts';

/** A delivery that this process works on. A redelivery of the same message replaces `current` instead of starting again. */
export interface Held {
  current: Delivery;
  readonly slot: number;
}

const SLOTS = 8;

/**
 * The deliveries that a process has in hand, and one timer wheel that keeps them all alive (A4): each delivery sits
 * in the slot of its arrival and is told `working()` once per turn of the wheel, which takes `turnMs`: less than a
 * third of the ack wait. A delivery that is settled within one turn costs no message.
 */
export class InHand {
  readonly #byKey = new Map<string, Held>();
  readonly #slots: Set<Held>[] = Array.from({ length: SLOTS }, () => new Set<Held>());
  #cursor = 0;
  readonly #timer: NodeJS.Timeout;
  #whenEmpty: (() => void)[] = [];

  constructor(turnMs: number) {
    this.#timer = setInterval(() => this.turn(), turnMs / SLOTS);
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Takes a delivery in hand; undefined if its message is in hand already and only its ack handle was renewed. */
  take(delivery: Delivery): Held | undefined {
    const key = keyOf(delivery);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.current = delivery;
      return undefined;
    }
    // The slot behind the cursor: the first beat comes after one whole turn.
    const slot = (this.#cursor + SLOTS - 1) % SLOTS;
    const held: Held = { current: delivery, slot };
    this.#byKey.set(key, held);
    this.#slots[slot]?.add(held);
    return held;
  }

  has(held: Held): boolean {
    return this.#byKey.get(keyOf(held.current)) === held;
  }

  /** Lets go of a delivery and settles it with the newest ack handle. */
  settle(held: Held, outcome: (delivery: Delivery) => void): void {
    // Given back by a drain already.
    if (!this.#byKey.delete(keyOf(held.current))) return;
    this.#slots[held.slot]?.delete(held);
    outcome(held.current);
    if (this.#byKey.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** One step of the wheel. */
  turn(): void {
    for (const held of this.#slots[this.#cursor] ?? []) held.current.working();
    this.#cursor = (this.#cursor + 1) % SLOTS;
  }

  /** Resolves when nothing is in hand. */
  empty(): Promise<void> {
    if (this.#byKey.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  all(): Held[] {
    return [...this.#byKey.values()];
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The identity of a delivery's message: sequences of different streams collide. */
const keyOf = ({ stream, seq }: Delivery): string => `${stream}/${seq}`;
