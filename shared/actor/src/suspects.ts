import type { Clock } from './ports.ts';

/**
 * From so many deliveries on a message is suspected to end or hang its process. In a rollout an innocent one is often
 * given back a dozen times; half of what it takes to be called poison is left to tell them apart.
 */
export const SUSPECT_DELIVERIES = 50;
const PAUSE_MS = 20;

/**
 * Lets suspects begin one at a time, with a pause between them, in random order. A message that ends its process is
 * redelivered together with everything that the process had in hand; if all began at once, the innocent would reach
 * the limit of deliveries together with the poison. This way each restart lets some of them finish before it.
 */
export class Suspects {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #isLettingIn = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it is this one's turn to begin. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isLettingIn) void this.#letIn();
    });
  }

  async #letIn(): Promise<void> {
    this.#isLettingIn = true;
    while (this.#waiting.length > 0) {
      // Before the first one, too: whoever was redelivered with it has arrived by then.
      await this.#clock.wait(PAUSE_MS);
      const [next] = this.#waiting.splice(Math.floor(Math.random() * this.#waiting.length), 1);
      next?.();
    }
    this.#isLettingIn = false;
  }
}
