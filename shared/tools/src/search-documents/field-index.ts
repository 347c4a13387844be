import { GrowingNumbers } from './growing-numbers.ts';

const COUNT_MAX = 255;

/** BM25+: how fast a repeated word stops counting, how much length counts, and what a match counts at least. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.7;
const MATCH_MIN = 0.5;

/** Where a word stands in one field: slices of `passages` and `counts`. */
export interface Postings {
  from: number;
  to: number;
}

/** Which passages have which terms in one field of theirs. Terms and passages are numbers from 0. */
export class FieldIndex {
  readonly passages: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #counts: Uint8Array;
  readonly #lengths: Uint32Array;
  readonly #lengthMean: number;

  constructor(built: FieldBuilder, termCount: number) {
    this.#lengths = built.lengths.all().slice();
    this.#lengthMean = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, this.#lengths.length);
    const terms = built.terms.all();
    // A counting sort by term; within a term passages stay in order.
    const starts = new Uint32Array(termCount + 1);
    for (const term of terms) starts[term + 1] = (starts[term + 1] ?? 0) + 1;
    for (let term = 0; term < termCount; term += 1) starts[term + 1] = (starts[term + 1] ?? 0) + (starts[term] ?? 0);
    const next = starts.slice();
    this.passages = new Uint32Array(terms.length);
    this.#counts = new Uint8Array(terms.length);
    const ends = built.ends.all();
    const counts = built.counts.all();
    let at = 0;
    for (let passage = 0; passage < ends.length; passage += 1) {
      for (; at < (ends[passage] ?? 0); at += 1) {
        const term = terms[at] ?? 0;
        const place = next[term] ?? 0;
        next[term] = place + 1;
        this.passages[place] = passage;
        this.#counts[place] = counts[at] ?? 0;
      }
    }
    this.#starts = starts;
  }

  postings(term: number): Postings {
    return { from: this.#starts[term] ?? 0, to: this.#starts[term + 1] ?? 0 };
  }

  /** How rare a term with these postings is. */
  rarity({ from, to }: Postings): number {
    const matching = to - from;
    return Math.log(1 + (this.#lengths.length - matching + 0.5) / (matching + 0.5));
  }

  /** BM25 of the posting at `place`, to be multiplied by the rarity of its term. */
  closeness(place: number): number {
    const count = this.#counts[place] ?? 0;
    const length = this.#lengths[this.passages[place] ?? 0] ?? 0;
    const damping = SATURATION * (1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * length) / this.#lengthMean);
    return MATCH_MIN + (count * (SATURATION + 1)) / (count + damping);
  }
}

/** Takes the words of one field, passage by passage. */
export class FieldBuilder {
  readonly terms = new GrowingNumbers();
  readonly counts = new GrowingNumbers();
  /** Per passage, where its entries in `terms` end. */
  readonly ends = new GrowingNumbers();
  /** Per passage, how many different words it has, telling or not. */
  readonly lengths = new GrowingNumbers();
  readonly #seen = new Map<string, number>();

  /** Adds the next passage; `termOf` gives a word's number, or undefined if it tells nothing. */
  add(words: readonly string[], termOf: (word: string) => number | undefined): void {
    const seen = this.#seen;
    seen.clear();
    for (const word of words) seen.set(word, (seen.get(word) ?? 0) + 1);
    for (const [word, count] of seen) {
      const term = termOf(word);
      if (term === undefined) continue;
      this.terms.push(term);
      this.counts.push(Math.min(count, COUNT_MAX));
    }
    this.ends.push(this.terms.length);
    this.lengths.push(seen.size);
  }
}
