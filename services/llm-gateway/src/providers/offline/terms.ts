import { stem } from './stem.ts';
import { STOP_WORDS, TASK_WORDS, WEAK_WORDS } from './stop-words.ts';

/** A word of a text that says something about its subject. Words with the same `stem` count as one. */
export interface Term {
  word: string;
  stem: string;
}

const WORD = /[\p{L}\p{N}]+/gu;

/** Every word in order, in lower case; "exactly-once" is two. */
export function words(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}

/** The stems of a text's words without stop words, in order and with repetitions. */
export function stems(text: string): string[] {
  return words(text).flatMap((word) => (STOP_WORDS.has(word) ? [] : [stem(word)]));
}

/**
 * What a request is about: its words without stop words and without words that only say what to do ("explain",
 * "report"), each stem once. When little else is left, such a word is the subject and stays.
 */
export function subjectTerms(text: string): Term[] {
  const kept = words(text).filter((word) => !STOP_WORDS.has(word));
  const subject = kept.filter((word) => !TASK_WORDS.has(word));
  const seen = new Map<string, Term>();
  for (const word of subject.length > 0 ? subject : kept) {
    const term = { word, stem: stem(word) };
    if (!seen.has(term.stem)) seen.set(term.stem, term);
  }
  return [...seen.values()];
}

const WEAK_STEMS: ReadonlySet<string> = new Set([...WEAK_WORDS].map(stem));

/** Whether a stem is too common to be the subject by itself. */
export function isWeak(stemmed: string): boolean {
  return WEAK_STEMS.has(stemmed);
}
