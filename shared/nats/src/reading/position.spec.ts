import { SHARDS_MAX } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behind, formatPosition, parsePosition } from './position.ts';

describe('the position of a client in a run', () => {
  it('is a text of its shard and sequence', () => {
    expect(formatPosition({ shard: 3, seq: 1_234 })).toBe('3:1234');
  });

  it('is where who follows that run begins', () => {
    expect([...behind({ shard: 3, seq: 1_234 })]).toEqual([['RUNS_3', 1_234]]);
  });

  it('is the same again when it is read', () => {
    const positions = fc.record({ shard: fc.nat({ max: SHARDS_MAX - 1 }), seq: fc.maxSafeNat() });
    fc.assert(
      fc.property(positions, (position) => {
        expect(parsePosition(formatPosition(position))).toEqual(position);
      }),
      { seed: 1 },
    );
  });

  it.each([
    '',
    ':',
    '1',
    '1:',
    ':1',
    '64:1',
    '100:1',
    '01:1',
    '1:01',
    '-1:1',
    '1:-1',
    '1:1.5',
    '1:1e3',
    ' 1:1',
    '1:1\n',
  ])('is not %j', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });

  it('is not beyond what a number holds exactly', () => {
    expect(parsePosition('1:9007199254740991')).toEqual({ shard: 1, seq: Number.MAX_SAFE_INTEGER });
    expect(parsePosition('1:9007199254740992')).toBeUndefined();
  });
});
