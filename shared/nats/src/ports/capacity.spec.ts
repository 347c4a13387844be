import { describe, expect, it } from 'vitest';
import { Capacity } from './capacity.ts';

/** Consumers of one process that have taken so many each, and how many more each may ask for. */
function freeOf(max: number, ...taken: number[]): number[] {
  const capacity = new Capacity(max);
  const shares = taken.map((count) => ({ taken: () => count }));
  for (const share of shares) capacity.add(share);
  return shares.map((share) => capacity.free(share));
}

describe('the capacity of a process', () => {
  it('is one for all of its consumers: what one has taken the others have not', () => {
    expect(freeOf(90, 70, 10, 0)).toEqual([0, 0, 5]);
  });

  it('keeps a part of one half of it for each: a flood in one mailbox keeps no other from its own', () => {
    expect(freeOf(90, 0, 0, 0)).toEqual([60, 60, 60]);
    expect(freeOf(90, 60, 0, 0)).toEqual([0, 15, 15]);
    expect(freeOf(90, 0, 0, 0, 0, 0, 0, 0, 0, 0)).toEqual(Array.from({ length: 9 }, () => 50));
  });

  it('leaves one for a consumer that has none, however little there is', () => {
    expect(freeOf(3, 3, 0)).toEqual([0, 1]);
  });
});
