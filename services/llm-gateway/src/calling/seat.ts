import type { Question } from '@troupe/contract';
import type { Party } from './role-queue.ts';
import type { Slots, Waiter } from './slots.ts';

/** What a question holds while a call of it is open, and gives back while it only waits. */
export interface Seat {
  /** Until `sit`; more than once does nothing. */
  rise(): void;
  /** Resolves with true when it is held (again), with false as soon as the signal aborts. */
  sit(signal: AbortSignal): Promise<boolean>;
  /** Reads the question anew: whoever waits need not keep it, and it is many times its bytes. */
  read(): Question;
}

/** Of who asks alone: nobody else wants it. */
export const ownSeat = (question: Question): Seat => ({
  rise: () => {},
  sit: (signal) => Promise.resolve(!signal.aborted),
  read: () => question,
});

/** A seat that is one of the slots, held from its beginning. */
export class SlotSeat implements Seat {
  readonly #slots: Slots;
  readonly #party: Party;
  readonly read: () => Question;
  #isHeld = true;

  constructor(slots: Slots, { tenant, role }: Party, read: () => Question) {
    this.#slots = slots;
    this.#party = { tenant, role };
    this.read = read;
  }

  rise(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#slots.release(this.#party.role);
  }

  sit(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#isHeld) return Promise.resolve(!signal.aborted);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter: Waiter = {
      ...this.#party,
      start: () => {
        signal.removeEventListener('abort', leave);
        this.#isHeld = true;
        resolve(true);
      },
    };
    const leave = () => {
      if (this.#slots.withdraw(waiter)) resolve(false);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#slots.request(waiter);
    return promise;
  }
}
