import type { Corpus, CorpusPassage } from '../corpus/corpus.ts';
import { isTelling, wordsOf } from '../corpus/words.ts';
import { Pace } from '../pace.ts';
import { BestHits, type Hit } from './best-hits.ts';
import { FieldBuilder, FieldIndex } from './field-index.ts';
import { Lexicon, type Meant } from './lexicon.ts';
import { Scores } from './scores.ts';

/** Words of a query that count; each is looked up with its prefixes and misspellings, which costs time. */
const QUERY_WORDS_MAX = 24;
const PREFIX_CHARS_MIN = 3;
const FUZZY_CHARS_MIN = 5;
const PREFIX_WEIGHT = 0.375;
const FUZZY_WEIGHT = 0.3;
/** How much a letter too many takes from a longer word's weight. */
const EXTRA_LETTER = 0.3;

const FIELDS = [
  { boost: 1, textOf: (passage: CorpusPassage) => passage.text },
  { boost: 2, textOf: (passage: CorpusPassage) => passage.heading },
  { boost: 1.5, textOf: (passage: CorpusPassage) => passage.path },
] as const;

export interface Hits {
  /** Best first; equals in path and line order. */
  hits: Hit[];
  /** How many passages match at all. */
  total: number;
}

export interface PassageIndex {
  /** Computes in slices, so that the process goes on meanwhile. Throws the signal's reason once it is aborted. */
  search(query: string, limit: number, signal: AbortSignal): Promise<Hits>;
}

/**
 * An index over every passage of the corpus (BM25 over text, heading and path). Its own and not a library's: numbers
 * in typed arrays take 9 bytes for each word of a passage, and a search can be interrupted anywhere.
 */
export function passageIndex(corpus: Corpus): PassageIndex {
  const passages = [...corpus.documents.values()].flatMap((document) => document.passages);
  const { lexicon, fields } = indexed(passages);
  return {
    async search(query, limit, signal) {
      const pace = new Pace(signal);
      // Many short searches in a row are as long as one: each begins in a turn of its own.
      await pace.rest();
      const scores = new Scores(passages.length);
      for (const [index, word] of wordsOfQuery(query).entries()) {
        for (const { id, weight } of await weighed(word, lexicon, pace)) {
          for (const { boost, field } of fields) await scores.add(field, id, weight * boost, index + 1, pace);
        }
      }
      const best = new BestHits(limit);
      await scores.each((id, score) => {
        const passage = passages[id];
        if (passage !== undefined) best.offer(id, passage, score);
      }, pace);
      return { hits: best.all(), total: scores.total };
    },
  };
}

function indexed(passages: readonly CorpusPassage[]) {
  const ids = new Map<string, number>();
  const termOf = (word: string): number | undefined => {
    if (!isTelling(word)) return undefined;
    const known = ids.get(word);
    if (known !== undefined) return known;
    ids.set(word, ids.size);
    return ids.size - 1;
  };
  const builders = FIELDS.map(({ boost, textOf }) => ({ boost, textOf, builder: new FieldBuilder() }));
  for (const passage of passages) {
    for (const { textOf, builder } of builders) builder.add(wordsOf(textOf(passage)), termOf);
  }
  return {
    lexicon: new Lexicon(ids),
    fields: builders.map(({ boost, builder }) => ({ boost, field: new FieldIndex(builder, ids.size) })),
  };
}

const wordsOfQuery = (query: string): string[] =>
  [...new Set(wordsOf(query).filter(isTelling))].slice(0, QUERY_WORDS_MAX);

/** The terms that a word of a query may mean, each with what it is worth beside the word itself. */
async function weighed(word: string, lexicon: Lexicon, pace: Pace): Promise<{ id: number; weight: number }[]> {
  const found = word.length >= PREFIX_CHARS_MIN ? [...lexicon.beginningWith(word)] : [];
  const exact = word.length < PREFIX_CHARS_MIN ? lexicon.exactly(word) : undefined;
  if (exact !== undefined) found.push(exact);
  // A wrong digit is another number, not a misspelling.
  if (word.length >= FUZZY_CHARS_MIN && !/\d/.test(word)) found.push(...(await lexicon.misspelt(word, pace)));
  return found.map((meant) => ({ id: meant.id, weight: weightOf(word, meant) }));
}

function weightOf(word: string, { term, edits }: Meant): number {
  if (edits > 0) return (FUZZY_WEIGHT * term.length) / (term.length + edits);
  const extra = term.length - word.length;
  return extra === 0 ? 1 : (PREFIX_WEIGHT * term.length) / (term.length + EXTRA_LETTER * extra);
}
