import { describe, expect, it } from 'vitest';
import { likeness, rank } from './rank.ts';

const NO_CONTEXT: ReadonlySet<string> = new Set();

function ranked(query: Record<string, number>, texts: string[], context = NO_CONTEXT) {
  return rank(
    new Map(Object.entries(query)),
    texts.map((text) => ({ item: text, stems: text.split(' '), context })),
  );
}

describe('ranking', () => {
  it('puts the item with the rarer stem first', () => {
    expect(ranked({ log: 1, crash: 1 }, ['log a', 'log b', 'crash c']).map(({ item }) => item)[0]).toBe('crash c');
  });

  it('puts the item with more of what matters first', () => {
    expect(ranked({ log: 3, bus: 1 }, ['bus a', 'log b']).map(({ item }) => item)).toEqual(['log b', 'bus a']);
  });

  it('leaves equals in the order given', () => {
    expect(ranked({ log: 1 }, ['log a', 'log b', 'log c']).map(({ item }) => item)).toEqual([
      'log a',
      'log b',
      'log c',
    ]);
  });

  it('covers little of a query whose stems are nowhere', () => {
    expect(ranked({ log: 1, tungsten: 1, boil: 1 }, ['log a', 'log b'])[0]?.coverage).toBeLessThan(0.1);
    expect(ranked({ log: 1 }, ['log a', 'b c'])[0]?.coverage).toBe(1);
  });

  it('counts what stands around an item only beside something of its own', () => {
    const around = new Set(['crash']);
    expect(ranked({ log: 1, crash: 1 }, ['log a', 'b c'], around).map(({ matches }) => matches)).toEqual([2, 0]);
  });

  it('does not count words too common to tell anything', () => {
    expect(ranked({ system: 1, log: 1 }, ['system log'])[0]?.matches).toBe(1);
  });

  it('of nothing is nothing', () => {
    expect(ranked({ log: 1 }, [])).toEqual([]);
    expect(ranked({}, ['log'])).toMatchObject([{ score: 0, coverage: 0, matches: 0 }]);
  });
});

describe('likeness', () => {
  it('is the share of stems in common', () => {
    expect(likeness(new Set(['a', 'b']), new Set(['b', 'c']))).toBeCloseTo(1 / 3);
    expect(likeness(new Set(), new Set())).toBe(1);
  });
});
