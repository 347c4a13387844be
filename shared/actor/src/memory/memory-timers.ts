import { encode, subjects, type Token } from '@troupe/contract';
import type { Timer, Timers } from '../ports.ts';
import type { ManualClock } from './manual-clock.ts';
import type { MemoryStream } from './memory-stream.ts';

/** Timers of one role: each is stored as a due message as soon as the clock has come to its time. */
export class MemoryTimers implements Timers {
  readonly #due: MemoryStream;
  readonly #clock: ManualClock;
  readonly #role: Token;
  #waiting: { timer: Timer; dueAt: number }[] = [];

  constructor(due: MemoryStream, clock: ManualClock, role: Token) {
    this.#due = due;
    this.#clock = clock;
    this.#role = role;
    clock.onAdvance(() => this.#fire());
  }

  /** When the next timer is due, in Unix ms; `Infinity` if there is none. */
  get nextDueAt(): number {
    return Math.min(Infinity, ...this.#waiting.map(({ dueAt }) => dueAt));
  }

  arm(timer: Timer): Promise<void> {
    return this.armAlone(timer, timer.at);
  }

  async armAlone(timer: Timer, dueAt: number): Promise<void> {
    await Promise.resolve();
    this.#waiting.push({ timer, dueAt });
    this.#fire();
  }

  #fire(): void {
    const now = this.#clock.now();
    const due = this.#waiting.filter(({ dueAt }) => dueAt <= now);
    this.#waiting = this.#waiting.filter(({ dueAt }) => dueAt > now);
    for (const { timer } of due) {
      const { tenant, run, at } = timer;
      this.#due.store(subjects.due(0, tenant, this.#role), encode({ timers: [{ run, at }] }));
    }
  }
}
