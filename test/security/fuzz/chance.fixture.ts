import { seeded } from '../../faults/random.ts';

/** Choices that follow from a seed. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** A whole number from 0, below `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** A UUIDv7 of the year 2025, as run IDs are. */
  run(): string {
    const digits = (count: number) => Array.from({ length: count }, () => this.below(16).toString(16)).join('');
    return `0199${digits(4)}-${digits(4)}-7${digits(3)}-8${digits(3)}-${digits(12)}`;
  }
}
