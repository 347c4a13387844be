import { describe, expect, it } from 'vitest';
import { callId, hash32 } from './hash.ts';

describe('call IDs', () => {
  it('are the same for the same question and index', () => {
    expect(callId('run/r1/0', 1)).toBe(callId('run/r1/0', 1));
  });

  it('fit every protocol: short, and of plain characters', () => {
    expect(callId('0190a8d4-0000-7000-8000-000000000001/a-task/12#7 · ü'.repeat(4), 7)).toMatch(
      /^[A-Za-z0-9_-]{1,40}$/,
    );
  });

  it('differ between ten thousand questions', () => {
    const ids = new Set(
      Array.from({ length: 10_000 }, (_, n) => callId(`0190a8d4-0000-7000-8000-000000000001/r1/${n}`, 0)),
    );
    expect(ids.size).toBe(10_000);
  });

  it('rest on FNV-1a', () => {
    expect(hash32('')).toBe(0x811c9dc5);
    expect(hash32('foobar')).toBe(0xbf9cf968);
  });
});
