import type { CorpusPassage } from '../corpus/corpus.ts';

export interface Hit {
  passage: CorpusPassage;
  score: number;
}

interface Candidate extends Hit {
  id: number;
}

/**
 * Keeps the `limit` best of the hits it is shown, at most one for each range of lines: pieces of one long line have the
 * same line numbers, and a citation could not tell them apart.
 */
export class BestHits {
  readonly #limit: number;
  #best: Candidate[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `id` is the passage's number in path and line order. */
  offer(id: number, passage: CorpusPassage, score: number): void {
    const last = this.#best.at(-1);
    const candidate = { id, passage, score };
    if (this.#best.length >= this.#limit && last !== undefined && compare(last, candidate) < 0) return;
    const same = this.#best.findIndex((hit) => isSameRange(hit.passage, passage));
    const rival = this.#best[same];
    if (rival !== undefined && compare(rival, candidate) < 0) return;
    if (rival !== undefined) this.#best.splice(same, 1);
    this.#best = [...this.#best, candidate].toSorted(compare).slice(0, this.#limit);
  }

  /** Best first; equals in path and line order. */
  all(): Hit[] {
    return this.#best.map(({ passage, score }) => ({ passage, score }));
  }
}

const compare = (a: Candidate, b: Candidate): number => b.score - a.score || a.id - b.id;

function isSameRange(a: CorpusPassage, b: CorpusPassage): boolean {
  return a.startLine === b.startLine && a.endLine === b.endLine && a.path === b.path;
}
