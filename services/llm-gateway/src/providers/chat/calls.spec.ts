import { describe, expect, it } from 'vitest';
import { OpenCalls } from './calls.ts';

const piece = (written: string) => ({ index: 0, id: 'a', function: { name: 'search', arguments: written } });

describe('calls in pieces', () => {
  it('are put together where each piece has the name, however many there are', () => {
    const open = new OpenCalls();
    open.take(piece('{"query":"'));
    for (let count = 0; count < 30_000; count += 1) open.take(piece('x'.repeat(40)));
    open.take(piece('"}'));
    expect(open.calls).toHaveLength(1);
    expect(open.calls[0]?.arguments).toHaveLength(30_000 * 40 + 12);
  });

  it('are two where a whole one is followed by a name', () => {
    const open = new OpenCalls();
    open.take(piece('{"query":"log"} '));
    open.take(piece('{"query":"store"}'));
    expect(open.calls.map((call) => call.arguments.trim())).toEqual(['{"query":"log"}', '{"query":"store"}']);
  });
});
