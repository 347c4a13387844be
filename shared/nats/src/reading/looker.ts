/** Between two looks: one for a burst of wake-ups. */
const GATHER_MS = 15;
/**
 * What wakes a reader is heard before the stream has stored it, and a busy disk takes its time: so it looks again, three
 * times, before it waits for the next one.
 */
const PAUSES_MS = [GATHER_MS, 60, 240];

/** Looks for something new when it is woken: one look at a time, and not one per wake-up. */
export class Looker {
  readonly #look: () => Promise<void>;
  #isRunning = false;
  #run = Promise.resolve();
  #isStopped = false;
  /** Somebody has woken it since the last look began. */
  #isWanted = false;
  /** Which of the pauses comes next. */
  #next = PAUSES_MS.length;
  /** Ends the pause under way as soon as it has lasted so many ms. */
  #cutShort: ((ms: number) => void) | undefined;

  /** `look` may reject: it is made again at the next wake-up, from where it stopped. */
  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  /** Something new is there, or soon will be. */
  wake(): void {
    this.#next = 0;
    this.#cutShort?.(GATHER_MS);
    this.poll();
  }

  /** Looks once, whether or not there is something new. */
  poll(): void {
    this.#isWanted = true;
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    this.#run = this.#work();
  }

  /** Looks no more; resolves when the look under way is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cutShort?.(0);
    await this.#run;
  }

  async #work(): Promise<void> {
    for (;;) {
      this.#isWanted = false;
      await this.#look().catch(() => undefined);
      const pause = this.#isWanted ? GATHER_MS : PAUSES_MS[this.#next++];
      if (pause === undefined || this.#isStopped) break;
      await this.#pause(pause);
      this.#cutShort = undefined;
      if (this.#isStopped) break;
    }
    this.#next = PAUSES_MS.length;
    this.#isRunning = false;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const began = performance.now();
      let timer = setTimeout(resolve, ms);
      this.#cutShort = (msMax) => {
        this.#cutShort = undefined;
        clearTimeout(timer);
        const leftMs = Math.min(ms, msMax) - (performance.now() - began);
        if (leftMs > 0) timer = setTimeout(resolve, leftMs);
        else resolve();
      };
    });
  }
}
