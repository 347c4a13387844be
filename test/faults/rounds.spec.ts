import { describe, expect, it } from 'vitest';
import { seeded } from './random.ts';
import { shuffled } from './rounds.ts';

const ITEMS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

describe('the order of the victims', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(shuffled(ITEMS, seeded(7))).toEqual(shuffled(ITEMS, seeded(7)));
    expect(shuffled(ITEMS, seeded(7))).not.toEqual(shuffled(ITEMS, seeded(8)));
  });

  it('has each of them once', () => {
    expect(shuffled(ITEMS, seeded(7)).toSorted()).toEqual(ITEMS);
  });
});
