const END = /[.!?]["'”’)\]*_`]*(?=\s|$)/gu;
/** A capital, a digit or a letter without case; or code, which may begin with anything. */
const NEXT_START = /^\s+(?:["'“‘([*_]*[\p{Lu}\p{N}\p{Lo}]|`\S)/u;
/** Longer than any shortened word, so that looking back costs the same everywhere in a long paragraph. */
const LOOK_BACK_CHARS = 12;
/** Dots that end a shortened word, an initial, or a "No." before its number, and no sentence. */
const SHORTENED = /(?:^|[\s(])(?:e\.g|i\.e|vs|cf|approx|dr|mr|mrs|ms|prof)\.$/iu;
const INITIAL = /(?:^|[\s(.])\p{Lu}\.$/u;
const BEFORE_NUMBER = /(?:^|[\s(])(?:no|nos|fig|figs|sec|ch|eq|pp?|vol)\.$/iu;

/** Where the sentences of a paragraph (one line of text) start and end, as half-open ranges without outer blanks. */
export function sentenceBounds(paragraph: string): [start: number, end: number][] {
  const bounds: [number, number][] = [];
  let start = 0;
  for (const match of paragraph.matchAll(END)) {
    const end = match.index + match[0].length;
    if (
      endsSentence(
        paragraph.slice(Math.max(start, match.index - LOOK_BACK_CHARS), match.index + 1),
        paragraph.slice(end, end + 8),
      )
    ) {
      push(bounds, paragraph, start, end);
      start = end;
    }
  }
  push(bounds, paragraph, start, paragraph.length);
  return bounds;
}

function endsSentence(text: string, rest: string): boolean {
  if (rest.trim() === '') return true;
  if (SHORTENED.test(text) || INITIAL.test(text)) return false;
  return NEXT_START.test(rest) && !(BEFORE_NUMBER.test(text) && /^\s+\d/.test(rest));
}

function push(bounds: [number, number][], paragraph: string, start: number, end: number): void {
  const text = paragraph.slice(start, end);
  const trimmed = text.trim();
  if (trimmed === '') return;
  const from = start + text.indexOf(trimmed);
  bounds.push([from, from + trimmed.length]);
}
