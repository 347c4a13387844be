import type { Evidence, Passage } from '@troupe/contract';
import { proseBlocks } from './markdown-blocks.ts';
import type { Block } from './markdown-blocks.ts';
import { plainText } from './plain-text.ts';
import { sentenceBounds } from './sentence-bounds.ts';

/** A sentence of a document, cleaned of markup, and the lines where it stands. */
export interface Sentence {
  text: string;
  source: Passage;
}

const SENTENCE_CHARS_MIN = 30;
const SENTENCE_CHARS_MAX = 400;
const WORDS_MIN = 5;
/** Below this share of letters and blanks a sentence is a listing, a formula or a path rather than prose. */
const LETTERS_MIN = 0.75;

/** The sentences of a passage that can be read by themselves: whole ones, of prose, that state something. */
export function sentencesOf(passage: Evidence): Sentence[] {
  return proseBlocks(passage.text, passage.startLine).flatMap((block) => {
    const cutBefore = block.lines[0]?.number === passage.startLine && passage.startLine > 1;
    return sentencesIn(block, passage).filter(({ text }, index) => isReadable(text, block, cutBefore && index === 0));
  });
}

function sentencesIn(block: Block, { path, endLine }: Evidence): Sentence[] {
  const paragraph = block.lines.map(({ text }) => text).join(' ');
  return sentenceBounds(paragraph).map(([start, end]) => ({
    text: plainText(paragraph.slice(start, end)),
    source: {
      path,
      startLine: Math.min(endLine, lineAt(block, start)),
      endLine: Math.min(endLine, lineAt(block, end - 1)),
    },
  }));
}

/** The number of the line on which this character of the joined lines stands. */
function lineAt(block: Block, offset: number): number {
  let end = 0;
  for (const { text, number } of block.lines) {
    end += text.length + 1;
    if (offset < end) return number;
  }
  return block.lines.at(-1)?.number ?? 1;
}

function isReadable(text: string, block: Block, mayBeCut: boolean): boolean {
  if (text.length < SENTENCE_CHARS_MIN || text.length > SENTENCE_CHARS_MAX) return false;
  const whole = /[.!]["'”’)]*$/.test(text) || (block.kind === 'item' && /[\p{L}\p{N})"”]$/u.test(text));
  const begins = mayBeCut ? /^["'“‘(]?[\p{Lu}\p{N}\p{Lo}]/u : /^["'“‘(]?[\p{L}\p{N}]/u;
  const letters = text.replace(/[^\p{L}\p{M}\s]/gu, '').length / text.length;
  return whole && begins.test(text) && letters >= LETTERS_MIN && text.split(' ').length >= WORDS_MIN;
}
