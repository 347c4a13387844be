const LENGTH_FIRST = 1_024;

/** A list of numbers below 2^32 that grows, in 4 bytes each. */
export class GrowingNumbers {
  #numbers = new Uint32Array(LENGTH_FIRST);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = number;
    this.#length += 1;
  }

  /** What was pushed so far; a view that is good until the next push. */
  all(): Uint32Array {
    return this.#numbers.subarray(0, this.#length);
  }
}
