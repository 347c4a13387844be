/** Longer words are cut, in documents and queries alike, so that they still find each other. */
const WORD_CHARS_MAX = 48;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const UNSPACED_RUNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
const NOT_ASCII = /\P{ASCII}/u;

/** English words that are in every passage and say nothing about it; "s" and "t" are what is left of "it's" and "don't". */
const STOP_WORDS = new Set(
  (
    'a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no ' +
    'not of on or our s should so such t than that the their them then there these they this those to was we were what ' +
    'when where which who whom why will with would you your'
  ).split(' '),
);

/**
 * The words of a text, in order, as search compares them: lower case, without accents, stop words left in.
 * Scripts written without spaces give pairs of neighbouring characters.
 */
export function wordsOf(text: string): string[] {
  if (!NOT_ASCII.test(text)) return (text.toLowerCase().match(WORD) ?? []).map(bounded);
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().normalize('NFC');
  return (folded.match(WORD) ?? []).flatMap((word) => (UNSPACED.test(word) ? pairsOf(word) : bounded(word)));
}

/** Whether a word is worth an entry in the index. */
export function isTelling(word: string): boolean {
  return !STOP_WORDS.has(word);
}

function bounded(word: string): string {
  return word.length > WORD_CHARS_MAX ? word.slice(0, WORD_CHARS_MAX) : word;
}

function pairsOf(word: string): string[] {
  return (word.match(UNSPACED_RUNS) ?? []).flatMap((run) => {
    if (!UNSPACED.test(run)) return bounded(run);
    const characters = Array.from(run);
    if (characters.length === 1) return characters;
    return characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`);
  });
}
