import MiniSearch from 'minisearch';
import type { SearchOptions } from 'minisearch';
import type { Corpus, CorpusPassage } from '../corpus/corpus.ts';
import { isTelling, wordsOf } from '../corpus/words.ts';

/** Words of a query that count; each is looked up with its prefixes and misspellings, which costs time. */
const QUERY_WORDS_MAX = 24;
const PREFIX_CHARS_MIN = 3;
const FUZZY_CHARS_MIN = 5;
const FUZZY_EDITS = 1;

export interface Hit {
  passage: CorpusPassage;
  score: number;
}

export interface Hits {
  /** Best first; equals in path and line order. */
  hits: Hit[];
  /** How many passages match at all. */
  total: number;
}

export interface PassageIndex {
  search(query: string, limit: number): Hits;
}

const OPTIONS: SearchOptions = {
  boost: { heading: 2, path: 1.5 },
  prefix: (word) => word.length >= PREFIX_CHARS_MIN,
  // A wrong digit is another number, not a misspelling.
  fuzzy: (word) => (word.length >= FUZZY_CHARS_MIN && !/\d/.test(word) ? FUZZY_EDITS : false),
  weights: { prefix: 0.375, fuzzy: 0.3 },
  tokenize: (query) => [...new Set(wordsOf(query).filter(isTelling))].slice(0, QUERY_WORDS_MAX),
};

/** An index over every passage of the corpus (BM25 over text, heading and path). Takes about 0.1 ms per passage. */
export function passageIndex(corpus: Corpus): PassageIndex {
  const passages = [...corpus.documents.values()].flatMap((document) => document.passages);
  const index = new MiniSearch<CorpusPassage & { id: number }>({
    fields: ['text', 'heading', 'path'],
    tokenize: wordsOf,
    processTerm: (word) => (isTelling(word) ? word : null),
  });
  index.addAll(passages.map((passage, id) => ({ ...passage, id })));
  return {
    search(query, limit) {
      const found = index.search(query, OPTIONS).map(({ id, score }) => ({ id: Number(id), score }));
      // Ids are in path and line order.
      found.sort((a, b) => b.score - a.score || a.id - b.id);
      return { hits: firstPerRange(found, passages, limit), total: found.length };
    },
  };
}

/** Pieces of one long line have the same line numbers; a citation could not tell them apart, so only the best is kept. */
function firstPerRange(
  found: readonly { id: number; score: number }[],
  passages: readonly CorpusPassage[],
  limit: number,
): Hit[] {
  const hits = new Map<string, Hit>();
  for (const { id, score } of found) {
    if (hits.size >= limit) break;
    const passage = passages[id];
    if (passage === undefined) continue;
    const range = `${passage.startLine} ${passage.endLine} ${passage.path}`;
    if (!hits.has(range)) hits.set(range, { passage, score });
  }
  return [...hits.values()];
}
