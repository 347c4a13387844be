import type { Evidence } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citedNumbers, formatPassage, renumber, withSources } from './citations.ts';

const sourceOf = (number: number): Evidence => ({ path: `${number}.md`, startLine: number, endLine: number, text: '' });
const sources = [1, 2, 3].map(sourceOf);

describe('renumbering', () => {
  it('numbers citations by first use and keeps only the sources that are cited', () => {
    expect(renumber('A [3]. B [1][3].', sources)).toEqual({
      markdown: 'A [1]. B [2][1].',
      sources: [sourceOf(3), sourceOf(1)],
      unknown: [],
    });
  });

  it('takes out marks that point to no source and says which', () => {
    expect(renumber('A [9]. B [2]. C [0].', sources)).toEqual({
      markdown: 'A . B [1]. C .',
      sources: [sourceOf(2)],
      unknown: [9, 0],
    });
  });

  it('changes nothing the second time, and leaves only marks that resolve', () => {
    const text = fc.array(
      fc.oneof(
        fc.constantFrom(' a', '.', '[', ']', '[x]', '[12345]'),
        fc.nat({ max: 9 }).map((n) => `[${n}]`),
      ),
    );
    fc.assert(
      fc.property(text, (parts) => {
        const once = renumber(parts.join(''), sources);
        expect(citedNumbers(once.markdown).every((n) => n >= 1 && n <= once.sources.length)).toBe(true);
        expect(renumber(once.markdown, once.sources)).toEqual({ ...once, unknown: [] });
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });
});

describe('a list of sources', () => {
  it('stands behind the text, one line per source', () => {
    const long = { ...sourceOf(2), endLine: 5 };
    expect(withSources('Text [1][2].\n\n', [sourceOf(1), long])).toBe(
      'Text [1][2].\n\n## Sources\n\n[1] 1.md:1\n[2] 2.md:2-5\n',
    );
  });

  it('is left out when nothing is cited', () => {
    expect(withSources('Text.', [])).toBe('Text.\n');
  });

  it('names one line or several', () => {
    expect([
      formatPassage({ path: 'a', startLine: 1, endLine: 1 }),
      formatPassage({ path: 'a', startLine: 1, endLine: 2 }),
    ]).toEqual(['a:1', 'a:1-2']);
  });
});
