import type { Clock } from '../ports.ts';

/** A clock that moves only when it is told to: what is due at a time happens when the clock is moved past it. */
export class ManualClock implements Clock {
  readonly #listeners: (() => void)[] = [];
  #waits: { at: number; resolve: () => void }[] = [];
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#waits.push({ at: this.#now + ms, resolve }));
  }

  /** When the next wait ends, in Unix ms; `Infinity` if nobody waits. */
  get nextWaitAt(): number {
    return Math.min(Infinity, ...this.#waits.map(({ at }) => at));
  }

  /** Moves the clock by `ms` in one leap and tells everybody who waits for a time. */
  advance(ms: number): void {
    this.#now += ms;
    const over = this.#waits.filter(({ at }) => at <= this.#now);
    this.#waits = this.#waits.filter(({ at }) => at > this.#now);
    for (const { resolve } of over) resolve();
    for (const listener of this.#listeners) listener();
  }

  onAdvance(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
