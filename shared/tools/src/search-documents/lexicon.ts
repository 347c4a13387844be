import type { Pace } from '../pace.ts';

const STEPS_PER_LOOK = 4_096;
/** Sorts behind every word: no word holds it. */
const LAST = '\uFFFF';

/** A term that a word of a query may mean; `edits` 0 is the word itself or a longer one that begins with it. */
export interface Meant {
  id: number;
  term: string;
  edits: 0 | 1;
}

/** All terms of the index in order, each with its number. */
export class Lexicon {
  readonly #terms: readonly string[];
  readonly #ids: Uint32Array;
  readonly #lengths: Uint8Array;

  constructor(ids: ReadonlyMap<string, number>) {
    const sorted = [...ids.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    this.#terms = sorted;
    this.#ids = Uint32Array.from(sorted, (term) => ids.get(term) ?? 0);
    this.#lengths = Uint8Array.from(sorted, (term) => term.length);
  }

  /** The word itself, if it is known, then all terms that begin with it. */
  *beginningWith(word: string): Generator<Meant> {
    const end = this.#firstFrom(word + LAST);
    for (let at = this.#firstFrom(word); at < end; at += 1) yield this.#meant(at, 0);
  }

  /** The word itself, if it is known. */
  exactly(word: string): Meant | undefined {
    const at = this.#firstFrom(word);
    return this.#terms[at] === word ? this.#meant(at, 0) : undefined;
  }

  /** All terms that one letter more, less or other makes of the word, those that begin with it left out. */
  async misspelt(word: string, pace: Pace): Promise<Meant[]> {
    const found: Meant[] = [];
    for (let at = 0; at < this.#terms.length; at += 1) {
      if (at % STEPS_PER_LOOK === 0 && pace.isOver) await pace.rest();
      if (Math.abs((this.#lengths[at] ?? 0) - word.length) > 1) continue;
      const term = this.#terms[at] ?? '';
      if (isOneEdit(word, term) && !term.startsWith(word)) found.push(this.#meant(at, 1));
    }
    return found;
  }

  #meant(at: number, edits: 0 | 1): Meant {
    return { id: this.#ids[at] ?? 0, term: this.#terms[at] ?? '', edits };
  }

  /** The index of the first term that is not before `text`. */
  #firstFrom(text: string): number {
    let low = 0;
    let high = this.#terms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#terms[middle] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether one letter put in, taken out or changed makes `b` of `a`, or they are the same. Linear in their length. */
function isOneEdit(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shorter - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end += 1;
  return Math.max(a.length, b.length) - start - end <= 1;
}
