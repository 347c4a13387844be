import type { Clock } from '../ports.ts';

/** A clock that moves only when it is told to: what is due at a time happens when the clock is moved past it. */
export class ManualClock implements Clock {
  readonly #listeners: (() => void)[] = [];
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Moves the clock by `ms` in one leap and tells everybody who waits for a time. */
  advance(ms: number): void {
    this.#now += ms;
    for (const listener of this.#listeners) listener();
  }

  onAdvance(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
