import { describe, expect, it } from 'vitest';
import { tapDifferences } from './tap.ts';

const part = (subject: string, byte = 1) => ({ subject, bytes: Uint8Array.of(byte) });
const STORED = [part('a'), part('b'), part('c')];

describe('the archive against what was stored', () => {
  it('is the same when it holds every message once, whatever the order', () => {
    expect(tapDifferences(STORED, STORED.toReversed())).toEqual([]);
  });

  it.each([
    ['lacks one', [part('a'), part('b')], 'c was stored and is not in the archive'],
    ['holds one twice', [...STORED, part('b')], 'b is in the archive 2 times'],
    ['holds one with other bytes', [part('a'), part('b', 2), part('c')], 'b is in the archive with other bytes'],
    ['holds one more', [...STORED, part('d')], 'd is in the archive and was never stored'],
  ])('differs when it %s', (_what, archived, sentence) => {
    expect(tapDifferences(STORED, archived)).toEqual([sentence]);
  });
});
