/** Lets goals go as far as the work has come that they have to be in flight for, however long that takes. */
export class Pace {
  #done = 0;
  readonly #waiting = new Set<{ share: number; go: () => void }>();

  /** Resolves when so much of the work is done, from 0 to 1. */
  until(share: number): Promise<void> {
    if (this.#done >= share) return Promise.resolve();
    return new Promise((go) => this.#waiting.add({ share, go }));
  }

  /** So much of the work is done, from 0 to 1. */
  advance(done: number): void {
    this.#done = done;
    for (const waiting of this.#waiting) {
      if (done < waiting.share) continue;
      this.#waiting.delete(waiting);
      waiting.go();
    }
  }
}
