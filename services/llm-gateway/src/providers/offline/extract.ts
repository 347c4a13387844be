import type { Question } from '@troupe/contract';
import { factsOf, TextData } from '../facts.ts';
import { clip } from './aspects.ts';
import { plainText } from './plain-text.ts';
import { proseBlocks } from './markdown-blocks.ts';
import { sentenceBounds } from './sentence-bounds.ts';

const SENTENCES_MAX = 5;

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

/** The text to work on, or else the words of the last user turn. */
function broughtText(question: Question): string {
  const last = question.turns.findLast((turn) => turn.role === 'user')?.text ?? '';
  return factsOf(question, TextData)?.text || last.trim();
}
