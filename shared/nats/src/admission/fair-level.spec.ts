import { describe, expect, it } from 'vitest';
import { fairLevel } from './fair-level.ts';

describe('a fair part', () => {
  it('is everything for who is alone', () => {
    expect(fairLevel(300, [])).toBe(300);
    expect(fairLevel(300, [0, 0])).toBe(300);
  });

  it('is an equal part among those who want all that they can get', () => {
    expect(fairLevel(300, [Infinity])).toBe(150);
    expect(fairLevel(300, [Infinity, Infinity])).toBe(100);
  });

  it('is larger by what others do not want, and not smaller by what they have beyond their part', () => {
    expect(fairLevel(300, [20, Infinity])).toBe(140);
    expect(fairLevel(300, [280])).toBe(150);
    expect(fairLevel(300, [1_000, 10])).toBe(145);
  });
});
