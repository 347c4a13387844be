import type { Question } from '@troupe/contract';
import { readData } from '../prompts.ts';
import { clip } from './aspects.ts';
import { plainText } from './plain-text.ts';
import { proseBlocks } from './markdown-blocks.ts';
import { sentenceBounds } from './sentence-bounds.ts';

const SENTENCES_MAX = 5;
const DATA_DEPTH_MAX = 4;
const FENCED_DATA = /```json\n[\s\S]*?\n```\s*$/;

/** The first sentences, at most `charsMax` characters, of the text that a question brings along. */
export function extractOf(question: Question, charsMax: number): string {
  const text = broughtText(question);
  const sentences = proseBlocks(text, 1).flatMap((block) => {
    const paragraph = block.lines.map((line) => line.text).join(' ');
    return sentenceBounds(paragraph).map(([start, end]) => withItsMarks(paragraph.slice(start, end)));
  });
  const extract = sentences.slice(0, SENTENCES_MAX).join(' ') || plainText(text);
  return clip(extract, charsMax);
}

const CITATIONS = /\s*\[\d{1,4}\]/g;

/** A sentence without its markup but with its citations: the text that is brought is ours, and its marks are sources. */
function withItsMarks(sentence: string): string {
  const marks = (sentence.match(CITATIONS) ?? []).map((mark) => mark.trim()).join('');
  const plain = plainText(sentence.replace(CITATIONS, ''));
  return marks === '' ? plain : `${plain.replace(/[.!?]$/, '')} ${marks}${/[.!?]$/.exec(plain)?.[0] ?? ''}`;
}

/** The longest text in the last user turn's data, such as a draft to work on, or else the turn's own words. */
function broughtText({ turns }: Question): string {
  const last = turns.findLast((turn) => turn.role === 'user')?.text ?? '';
  const longest = textsIn(readData(last), DATA_DEPTH_MAX).reduce(
    (best, text) => (text.length > best.length ? text : best),
    '',
  );
  return longest === '' ? last.replace(FENCED_DATA, '').trim() : longest;
}

function textsIn(data: unknown, depthMax: number): string[] {
  if (typeof data === 'string') return [data];
  if (typeof data !== 'object' || data === null || depthMax === 0) return [];
  return Object.values(data).flatMap((value) => textsIn(value, depthMax - 1));
}
