import type { Source } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citedNumbers, renumber } from './citations.ts';

const sourceOf = (number: number): Source => ({
  path: `${number}.md`,
  startLine: number,
  endLine: number,
  text: '',
  seal: 'seal',
});
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
