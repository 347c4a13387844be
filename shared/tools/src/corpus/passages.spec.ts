import { fc, test as property } from '@fast-check/vitest';
import { PASSAGE_CHARS_MAX } from '@troupe/contract';
import { describe, expect, test } from 'vitest';
import { PASSAGE_LIMITS } from './corpus.ts';
import type { CorpusPassage } from './corpus.ts';
import { documentOf } from './document.ts';
import { clipPassage } from './passages.ts';

const markdown = (...lines: string[]): readonly CorpusPassage[] =>
  documentOf('a.md', 'markdown', lines.join('\n')).passages;
const ranges = (passages: readonly CorpusPassage[]): number[][] =>
  passages.map(({ startLine, endLine }) => [startLine, endLine]);

describe('passages of a document', () => {
  test('given paragraphs, then each is a passage with its lines', () => {
    expect(ranges(markdown('one', 'two', '', '', 'three', ''))).toEqual([
      [1, 2],
      [5, 5],
    ]);
  });

  test('given headings of both kinds, then they start a passage, stay with what follows and name it', () => {
    const passages = markdown('# One #', '', 'a', '## Two', 'b', '', 'c', '', 'Three', '---', '', 'd');
    expect(passages.map(({ startLine, endLine, heading }) => [startLine, endLine, heading])).toEqual([
      [1, 3, 'One'],
      [4, 5, 'Two'],
      [7, 7, 'Two'],
      [9, 12, 'Three'],
    ]);
  });

  test('given things that only look like headings, then they are none', () => {
    const passages = markdown(
      '---',
      'title: x',
      '---',
      '',
      '#tag',
      '',
      '- item',
      '---',
      '',
      '```',
      '# comment',
      '```',
      '',
      'a',
      'b',
      '---',
    );
    expect(passages.map(({ heading }) => heading)).toEqual(passages.map(() => ''));
  });

  test('given fenced code with blank lines in it, then it is one passage', () => {
    expect(ranges(markdown('text', '```js', 'a', '', '# b', '```', 'more'))).toEqual([
      [1, 1],
      [2, 6],
      [7, 7],
    ]);
  });

  test('given a fence that is closed only by a longer or other fence, then it goes on to the end', () => {
    expect(ranges(markdown('````', 'a', '```', '', '~~~~', 'b'))).toEqual([[1, 6]]);
  });

  test('given more lines than a passage may have, then it is split between lines', () => {
    const lines = Array.from({ length: PASSAGE_LIMITS.linesMax + 3 }, (_, index) => `line ${index}`);
    expect(ranges(markdown(...lines))).toEqual([
      [1, 12],
      [13, 15],
    ]);
    const fence = ['```', ...Array.from({ length: PASSAGE_LIMITS.fenceLinesMax }, () => 'x'), '```'];
    expect(ranges(markdown(...fence))).toEqual([
      [1, 40],
      [41, 42],
    ]);
  });

  test('given a line longer than a passage, then its pieces, cut between words, hold all of its words', () => {
    const words = Array.from({ length: 500 }, (_, index) => `word${index}`);
    const passages = markdown(words.join(' '), '', 'next');
    const pieces = passages.filter(({ startLine }) => startLine === 1);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.every(({ text, endLine }) => endLine === 1 && text.length <= PASSAGE_CHARS_MAX)).toBe(true);
    expect(pieces.flatMap(({ text }) => text.split(' '))).toEqual(words);
  });

  test('given a line of emoji longer than a passage, then no character is cut in two', () => {
    const [line = ''] = documentOf('a.txt', 'text', `x${'😀'.repeat(2_000)}é`).lines;
    const pieces = documentOf('a.txt', 'text', line).passages;
    expect(pieces.length).toBeGreaterThan(0);
    expect(pieces.every(({ text }) => text.isWellFormed())).toBe(true);
  });

  test('given rules and blank lines only, then there is no passage', () => {
    expect(markdown('---', '', '***', '   ', '>')).toEqual([]);
    expect(markdown('')).toEqual([]);
  });

  test('given a part of a passage, then clipping gives exactly the lines of the part, without blank ends', () => {
    const { lines, passages } = documentOf('a.md', 'markdown', '# T\n\na\nb');
    const [passage] = passages;
    expect(passage && clipPassage(passage, 2, 3, lines)).toMatchObject({ startLine: 3, endLine: 3, text: 'a' });
    expect(passage && clipPassage(passage, 2, 2, lines)).toBeUndefined();
    expect(passage && clipPassage(passage, 1, 9, lines)).toBe(passage);
  });

  const line = fc.oneof(
    fc.constantFrom(
      '',
      '  ',
      '# Heading',
      '## ',
      '---',
      '===',
      '```',
      '~~~',
      '- item',
      '| a | b |',
      'é 😀 text',
      '    code',
      '\u2028',
      '\t',
    ),
    fc.string({ maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ' ')),
    fc.integer({ min: 500, max: 3_000 }).map((length) => 'long '.repeat(length / 5)),
  );

  property.prop([fc.array(line, { maxLength: 60 }), fc.constantFrom('markdown' as const, 'text' as const)])(
    'given any document, then every passage is exactly its lines, in order, within the bounds, and no word is lost',
    (source, format) => {
      const { lines, passages } = documentOf('a', format, source.join('\r\n'));
      let lastLine = 1;
      for (const { startLine, endLine, text } of passages) {
        const cited = lines.slice(startLine - 1, endLine).join('\n');
        expect(cited.length > PASSAGE_CHARS_MAX ? cited.includes(text) : cited === text).toBe(true);
        expect(text.length).toBeLessThanOrEqual(PASSAGE_CHARS_MAX);
        expect(startLine).toBeGreaterThanOrEqual(lastLine);
        expect(endLine - startLine).toBeLessThan(PASSAGE_LIMITS.fenceLinesMax);
        lastLine = endLine;
      }
      const words = (texts: readonly string[]): string[] =>
        texts.flatMap((text) => text.match(/[\p{L}\p{N}]+/gu) ?? []);
      expect(words(passages.map(({ text }) => text)).join('')).toBe(words(lines).join(''));
    },
  );
});
