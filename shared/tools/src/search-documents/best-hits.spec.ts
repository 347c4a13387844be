import { expect, test } from 'vitest';
import { BestHits } from './best-hits.ts';

const passage = (startLine: number, text = '') => ({ path: 'a.md', startLine, endLine: startLine, text, heading: '' });

/** The lines and texts that are kept of passages offered in this order, as `[line, score, text]`. */
function kept(limit: number, offers: [line: number, score: number, text?: string][]): string[] {
  const best = new BestHits(limit);
  for (const [id, [line, score, text]] of offers.entries()) best.offer(id, passage(line, text), score);
  return best.all().map((hit) => `${hit.passage.startLine}${hit.passage.text} ${hit.score}`);
}

test('given more hits than the limit, then the best are kept, best first, and equals in their order', () => {
  expect(
    kept(3, [
      [1, 1],
      [2, 5],
      [3, 1],
      [4, 3],
      [5, 3],
    ]),
  ).toEqual(['2 5', '4 3', '5 3']);
});

test('given pieces of one line, then only the best piece is kept and takes one place', () => {
  expect(
    kept(2, [
      [1, 1, 'a'],
      [2, 2],
      [1, 4, 'b'],
      [1, 3, 'c'],
      [3, 1],
    ]),
  ).toEqual(['1b 4', '2 2']);
});
