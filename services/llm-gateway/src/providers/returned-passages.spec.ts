import type { Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { returnedPassages } from './returned-passages.ts';

function returned(text: string, failed = false): Turn {
  return { role: 'tool', callId: 'c', name: 'any', text, failed };
}

const PASSAGE = { path: 'a.md', startLine: 3, endLine: 4, text: 'one\ntwo' };

describe('passages in tool results', () => {
  it('are the results of a search, each once', () => {
    const text = JSON.stringify({
      results: [
        { ...PASSAGE, score: 2 },
        { ...PASSAGE, score: 1 },
      ],
      total: 2,
    });
    expect(returnedPassages([returned(text), returned(text)])).toEqual([PASSAGE]);
  });

  it('are the citable ranges of a document that was read, without line numbers', () => {
    const text = '3: one\n4: two\n5:\n6: 7: six';
    const passages = [
      { startLine: 3, endLine: 4 },
      { startLine: 6, endLine: 6 },
    ];
    expect(
      returnedPassages([returned(JSON.stringify({ path: 'a.md', startLine: 3, endLine: 6, text, passages }))]),
    ).toEqual([PASSAGE, { path: 'a.md', startLine: 6, endLine: 6, text: '7: six' }]);
  });

  it('are the whole text of a document when no ranges are given, as a text or as lines', () => {
    const whole = { path: 'a.md', startLine: 3 };
    expect(returnedPassages([returned(JSON.stringify({ ...whole, text: 'one\ntwo' }))])).toEqual([PASSAGE]);
    expect(returnedPassages([returned(JSON.stringify({ ...whole, lines: ['one', { text: 'two' }] }))])).toEqual([
      PASSAGE,
    ]);
  });

  it('are found when words stand around the JSON', () => {
    expect(returnedPassages([returned(`Here you are:\n${JSON.stringify(PASSAGE)}\nThat is all.`)])).toEqual([PASSAGE]);
  });

  it.each([
    '',
    'denied',
    '{"value":84}',
    '{"results":[{"path":"a.md"}]}',
    '{"results":"none"}',
    '{"path":"a.md","startLine":0,"text":"x"}',
    '{',
  ])('are none in %j', (text) => {
    expect(returnedPassages([returned(text)])).toEqual([]);
  });

  it('are none in a result that failed', () => {
    expect(returnedPassages([returned(JSON.stringify(PASSAGE), true)])).toEqual([]);
  });
});
