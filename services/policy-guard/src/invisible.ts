/** First and last code points of what a reader cannot see: controls, bidi and zero-width characters, fillers, tags. */
const INVISIBLE: readonly (readonly [number, number])[] = [
  [0x0000, 0x0008],
  [0x000e, 0x001f],
  [0x007f, 0x0084],
  [0x0086, 0x009f],
  [0x00ad, 0x00ad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];

/** Whitespace that some readers take for a new line and others do not. */
const ODD_SPACES = new Set([0x000b, 0x000c, 0x000d, 0x0085, 0x2028, 0x2029]);

const PLAIN = /^[\t\n -~]*$/;

/** Whether a text is printable ASCII in lines: most are, and need no closer look. */
export const isPlain = (text: string): boolean => PLAIN.test(text);

export const isInvisible = (code: number): boolean =>
  INVISIBLE.some(([first, last]) => code >= first && code <= last) || (code >= 0xd800 && code <= 0xdfff);

/** Joiners shape scripts and emoji: between such characters they stay. After ASCII they only hide. */
const isJoiner = (code: number): boolean => code === 0x200c || code === 0x200d;

/**
 * A text without what its reader cannot see: controls, bidi and zero-width characters are taken out, odd line ends
 * become a space, a lone surrogate becomes U+FFFD. Lines end in "\n" alone. `removed` counts what was taken out.
 */
export function visible(original: string): { text: string; removed: number } {
  if (isPlain(original)) return { text: original, removed: 0 };
  let text = '';
  let removed = 0;
  let before = 0;
  for (const character of original.replaceAll(/\r\n?/g, '\n')) {
    const code = character.codePointAt(0) ?? 0;
    const kept = keptForm(character, code, before);
    if (kept !== character) removed += 1;
    text += kept;
    before = code;
  }
  return { text, removed };
}

function keptForm(character: string, code: number, before: number): string {
  if (ODD_SPACES.has(code)) return ' ';
  if (code >= 0xd800 && code <= 0xdfff) return '\uFFFD';
  return !isInvisible(code) || (isJoiner(code) && before > 0x7f && !isInvisible(before)) ? character : '';
}
