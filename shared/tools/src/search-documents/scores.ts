import type { Pace } from '../pace.ts';
import type { FieldIndex } from './field-index.ts';

const STEPS_PER_LOOK = 4_096;

/** What passages earn for a query, word by word. A passage that has more of the words is worth more by their number. */
export class Scores {
  readonly #sums: Float64Array;
  /** Per passage: the number of the word, from 1, that it matched last. */
  readonly #lastWord: Uint8Array;
  readonly #wordsMatched: Uint8Array;
  readonly #matched: Uint32Array;
  #total = 0;

  constructor(passageCount: number) {
    this.#sums = new Float64Array(passageCount);
    this.#lastWord = new Uint8Array(passageCount);
    this.#wordsMatched = new Uint8Array(passageCount);
    this.#matched = new Uint32Array(passageCount);
  }

  /** How many passages match at all. */
  get total(): number {
    return this.#total;
  }

  /** Adds what a term in a field earns, for the `word`-th word of the query (from 1, at most 255). */
  async add(field: FieldIndex, term: number, weight: number, word: number, pace: Pace): Promise<void> {
    const postings = field.postings(term);
    const worth = weight * field.rarity(postings);
    for (let from = postings.from; from < postings.to; from += STEPS_PER_LOOK) {
      const to = Math.min(postings.to, from + STEPS_PER_LOOK);
      for (let place = from; place < to; place += 1)
        this.#earn(field.passages[place] ?? 0, worth * field.closeness(place), word);
      if (pace.isOver) await pace.rest();
    }
  }

  #earn(passage: number, score: number, word: number): void {
    const last = this.#lastWord[passage] ?? 0;
    if (last === 0) {
      this.#matched[this.#total] = passage;
      this.#total += 1;
    }
    if (last !== word) {
      this.#lastWord[passage] = word;
      this.#wordsMatched[passage] = (this.#wordsMatched[passage] ?? 0) + 1;
    }
    this.#sums[passage] = (this.#sums[passage] ?? 0) + score;
  }

  /** Every passage that matches, with its score. */
  async each(visit: (passage: number, score: number) => void, pace: Pace): Promise<void> {
    for (let from = 0; from < this.#total; from += STEPS_PER_LOOK) {
      for (const passage of this.#matched.subarray(from, Math.min(this.#total, from + STEPS_PER_LOOK)))
        visit(passage, (this.#sums[passage] ?? 0) * (this.#wordsMatched[passage] ?? 0));
      if (pace.isOver) await pace.rest();
    }
  }
}
