import { type Party, RoleQueue } from './role-queue.ts';

/** The part of the slots that no role takes alone: what is left of them is there for the others at once. */
export const KEPT_SHARE = 1 / 8;

/** Who waits for a slot. `start` is called once, with the slot taken. */
export interface Waiter extends Party {
  start(): void;
}

/** Calls that may be open at once. A slot is held by a call, not by a question that waits to make one. */
export class Slots {
  readonly #max: number;
  readonly #roleMax: number;
  #taken = 0;
  /** Slots taken, by role. */
  readonly #takenBy = new Map<string, number>();
  readonly #waiting = new RoleQueue<Waiter>();

  constructor(max: number) {
    this.#max = max;
    this.#roleMax = max - Math.floor(max * KEPT_SHARE);
  }

  get taken(): number {
    return this.#taken;
  }

  /** Tenants that wait for a slot. */
  get waitingTenants(): number {
    return this.#waiting.tenants;
  }

  /** Starts the waiter when its turn comes; whether that was at once. */
  request(waiter: Waiter): boolean {
    const before = this.#waiting.size;
    this.#waiting.push(waiter, waiter);
    this.#fill();
    return this.#waiting.size <= before;
  }

  /** Whether it was waiting: it will not be started. */
  withdraw(waiter: Waiter): boolean {
    return this.#waiting.remove(waiter, waiter);
  }

  /** Gives back a slot of the role. */
  release(role: string): void {
    this.#taken -= 1;
    const taken = this.#of(role) - 1;
    if (taken > 0) this.#takenBy.set(role, taken);
    else this.#takenBy.delete(role);
    this.#fill();
  }

  #fill(): void {
    while (this.#taken < this.#max) {
      const waiter = this.#waiting.shift((role) => this.#of(role) < this.#roleMax);
      if (waiter === undefined) return;
      this.#taken += 1;
      this.#takenBy.set(waiter.role, this.#of(waiter.role) + 1);
      waiter.start();
    }
  }

  #of(role: string): number {
    return this.#takenBy.get(role) ?? 0;
  }
}
