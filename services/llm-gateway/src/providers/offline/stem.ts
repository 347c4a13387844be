/** Endings and what replaces them, the longest first; the first that fits applies. The rest keeps at least 3 letters. */
const ENDINGS: readonly (readonly [ending: string, replacement: string])[] = [
  ['ations', 'at'],
  ['ation', 'at'],
  ['ators', 'at'],
  ['ator', 'at'],
  ['ating', 'at'],
  ['ated', 'at'],
  ['ates', 'at'],
  ['ate', 'at'],
  ['abilities', 'abl'],
  ['ability', 'abl'],
  ['able', 'abl'],
  ['ably', 'abl'],
  ['ences', ''],
  ['ence', ''],
  ['ency', ''],
  ['ents', ''],
  ['ent', ''],
  ['nesses', ''],
  ['ness', ''],
  ['ions', ''],
  ['ion', ''],
  ['eries', 'er'],
  ['ery', 'er'],
  ['ies', 'i'],
  ['sses', 'ss'],
  ['xes', 'x'],
  ['ches', 'ch'],
  ['shes', 'sh'],
  ['ings', ''],
  ['ing', ''],
  ['ied', 'i'],
  ['ed', ''],
  ['ly', ''],
  ['es', ''],
  ['e', ''],
  ['y', 'i'],
];

const PLAIN = /^[a-z]+$/;
const DOUBLED = /([bdfgmnprt])\1$/;
const REST_MIN = 3;

/**
 * The stem of an English word in lower case, so that "delivers", "delivery" and "delivered" meet. Light on purpose:
 * only inflections and a few derivations are taken off. Words in other scripts, and words with digits, stay.
 */
export function stem(word: string): string {
  if (word.length <= REST_MIN || !PLAIN.test(word) || word.endsWith('eed')) return word;
  for (const [ending, replacement] of ENDINGS) {
    if (word.endsWith(ending) && word.length - ending.length >= REST_MIN) {
      return undouble(word.slice(0, -ending.length) + replacement);
    }
  }
  const plural = word.endsWith('s') && !/(?:ss|us|is)$/.test(word);
  return undouble(plural ? word.slice(0, -1) : word);
}

/** "running" and "stopped" lose their ending and the letter that was doubled for it. */
function undouble(stemmed: string): string {
  return stemmed.length > REST_MIN && DOUBLED.test(stemmed) ? stemmed.slice(0, -1) : stemmed;
}
