import { PASSAGE_LIMITS } from './corpus.ts';
import type { CorpusPassage } from './corpus.ts';
import { blocksOf } from './blocks.ts';
import type { Block } from './blocks.ts';
import type { Outline } from './outline.ts';

const WORD = /[\p{L}\p{N}]/u;
/** How far back from the bound a piece of a long line may end, to end between words. */
const CUT_BACK_CHARS_MAX = 200;

type Lines = readonly string[];

/** Cuts a document into passages, in order; lines without a letter or digit (rules, blank lines) are in none. */
export function passagesOf(path: string, lines: Lines, outline: Outline): CorpusPassage[] {
  const passages: CorpusPassage[] = [];
  let heading = '';
  let headingsFrom = 0;
  for (const block of blocksOf(lines, outline)) {
    for (; headingsFrom <= block.first; headingsFrom += 1) heading = outline.headings.get(headingsFrom) ?? heading;
    for (const { first, last } of rangesOf(lines, block)) {
      for (const text of textsOf(lines, first, last)) {
        if (WORD.test(text)) passages.push({ path, startLine: first + 1, endLine: last + 1, text, heading });
      }
    }
  }
  return passages;
}

/** The part of a passage that lies within these lines (from 1, both included), or undefined if none of its text does. */
export function clipPassage(
  passage: CorpusPassage,
  startLine: number,
  endLine: number,
  lines: Lines,
): CorpusPassage | undefined {
  if (passage.startLine >= startLine && passage.endLine <= endLine) return passage;
  const range = trimmed(lines, Math.max(passage.startLine, startLine) - 1, Math.min(passage.endLine, endLine) - 1);
  if (range === undefined) return undefined;
  const text = lines.slice(range.first, range.last + 1).join('\n');
  return { ...passage, startLine: range.first + 1, endLine: range.last + 1, text };
}

interface Range {
  first: number;
  last: number;
}

/** Fills ranges with whole lines up to the bounds. */
function rangesOf(lines: Lines, block: Block): Range[] {
  const linesMax = block.isFence ? PASSAGE_LIMITS.fenceLinesMax : PASSAGE_LIMITS.linesMax;
  const ranges: (Range | undefined)[] = [];
  let first = block.first;
  let chars = 0;
  for (let index = block.first; index <= block.last; index += 1) {
    const length = (lines[index] ?? '').length;
    const isFull = index > first && (chars + 1 + length > PASSAGE_LIMITS.charsMax || index - first >= linesMax);
    if (isFull) {
      ranges.push(trimmed(lines, first, index - 1));
      first = index;
    }
    chars = index === first ? length : chars + 1 + length;
  }
  ranges.push(trimmed(lines, first, block.last));
  return ranges.filter((range) => range !== undefined);
}

function trimmed(lines: Lines, from: number, to: number): Range | undefined {
  const isBlank = (index: number): boolean => (lines[index] ?? '').trim() === '';
  let first = from;
  let last = to;
  while (first <= last && isBlank(first)) first += 1;
  while (last >= first && isBlank(last)) last -= 1;
  return first > last ? undefined : { first, last };
}

/** One text, or for a line over the bound its pieces: otherwise search would not see the rest of unwrapped prose. */
function textsOf(lines: Lines, first: number, last: number): string[] {
  const text = lines.slice(first, last + 1).join('\n');
  const texts: string[] = [];
  let start = 0;
  while (text.length - start > PASSAGE_LIMITS.charsMax) {
    const end = cutBefore(text, start, start + PASSAGE_LIMITS.charsMax);
    texts.push(text.slice(start, end));
    start = end;
    while (text[start] === ' ') start += 1;
  }
  texts.push(text.slice(start));
  return texts;
}

function cutBefore(text: string, start: number, limit: number): number {
  const from = Math.max(start + 1, limit - CUT_BACK_CHARS_MAX);
  const space = text.slice(from, limit + 1).lastIndexOf(' ');
  if (space !== -1) return from + space;
  // Never between the two halves of a character outside the basic plane.
  const isSplit = /[\uD800-\uDBFF]/.test(text[limit - 1] ?? '');
  return isSplit ? limit - 1 : limit;
}
