import { plainText } from './plain-text.ts';
import { proseBlocks } from './markdown-blocks.ts';
import { sentenceBounds } from './sentence-bounds.ts';

/** A sentence of a report without its marks, and the numbers in them. */
export interface ReportSentence {
  text: string;
  numbers: number[];
  /** Whether it states something that a document has to hold. */
  isFactual: boolean;
}

const MARK = /\s*\[(\d{1,4})\]/g;
/** "Text. [1]" is read as "Text [1].", so that a mark stays with its sentence. */
const MARKS_AFTER_STOP = /([.!?])((?:\s*\[\d{1,4}\])+)/g;
const GAPS_HEADING =
  /^\s{0,3}#{1,6}\s.*\b(?:not (?:answer|say|cover)|gaps?|limitations?|open questions?|sources|references)\b/i;
const HEADING = /^\s{0,3}#{1,6}\s/;
const ABSENCE = /\b(?:documents?|sources?|evidence|findings)\b.*\b(?:not|nothing|no)\b/i;
const FACT_WORDS_MIN = 4;
const SENTENCE_CHARS_TESTED = 1_000;

/** The sentences of a Markdown report in order, those of headings left out. */
export function reportSentences(markdown: string): ReportSentence[] {
  return sectionsOf(markdown).flatMap(({ text, isGaps }) =>
    proseBlocks(text, 1).flatMap((block) => {
      const paragraph = block.lines
        .map((line) => line.text)
        .join(' ')
        .replace(MARKS_AFTER_STOP, '$2$1');
      return sentenceBounds(paragraph).map(([start, end]) => toSentence(paragraph.slice(start, end), isGaps));
    }),
  );
}

function toSentence(markdown: string, isGaps: boolean): ReportSentence {
  const numbers = [...markdown.matchAll(MARK)].map((match) => Number(match[1]));
  const text = plainText(markdown.replace(MARK, ''));
  const states = !/[:?]$/.test(text) && text.split(' ').length >= FACT_WORDS_MIN;
  return { text, numbers, isFactual: states && !isGaps && !ABSENCE.test(text.slice(0, SENTENCE_CHARS_TESTED)) };
}

function sectionsOf(markdown: string): { text: string; isGaps: boolean }[] {
  return markdown.split(/\n(?=\s{0,3}#{1,6}\s)/).map((text) => {
    const heading = HEADING.test(text) ? (text.split('\n')[0] ?? '') : '';
    return { text, isGaps: GAPS_HEADING.test(heading) };
  });
}
