import type { ManualClock } from './manual-clock.ts';

export interface Entry {
  readonly subject: string;
  readonly seq: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** One stream: messages in order, counted from 1, with what is stored announced to those who consume it. */
export class MemoryStream {
  readonly entries: Entry[] = [];
  readonly #lastOn = new Map<string, Entry>();
  readonly #listeners: ((entry: Entry) => void)[] = [];
  readonly #clock: ManualClock;
  /** Sequences that are gone. */
  #gone = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  store(subject: string, bytes: Uint8Array): Entry {
    // A copy: what is stored does not change with the sender's buffer.
    const entry = { subject, seq: this.#gone + this.entries.length + 1, at: this.#clock.now(), bytes: bytes.slice() };
    this.entries.push(entry);
    this.#lastOn.set(subject, entry);
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }

  /** The last message on exactly this subject. */
  lastOn(subject: string): Entry | undefined {
    return this.#lastOn.get(subject);
  }

  at(seq: number): Entry | undefined {
    return this.entries[seq - this.#gone - 1];
  }

  /** Deletes everything; sequences go on. */
  clear(): void {
    this.#gone += this.entries.length;
    this.entries.length = 0;
    this.#lastOn.clear();
  }

  onStore(listener: (entry: Entry) => void): void {
    this.#listeners.push(listener);
  }
}
