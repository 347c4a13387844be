import { describe, expect, it } from 'vitest';
import { encode } from './codec.ts';
import { ARGUMENT_NESTING_MAX, ARGUMENT_NODES_MAX } from './limits.ts';
import { ToolCall } from './model.ts';

const call = (args: unknown) => ToolCall.safeParse({ id: 'c1', name: 'search', arguments: args });
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
/** An object, a key, a list: these are parts too. */
const list = (parts: number) => ({ a: Array.from({ length: parts - 3 }, () => 0) });

describe('the arguments of a call, as a model wrote them', () => {
  it('may be any object within the bounds', () => {
    for (const args of [{}, { a: [1, null, 'x', { b: true }] }, nested(ARGUMENT_NESTING_MAX), list(ARGUMENT_NODES_MAX)])
      expect(call(args)).toMatchObject({ success: true, data: { arguments: args } });
  });

  it.each([
    ['no object', [1]],
    ['nothing', null],
    ['nested too deep', nested(ARGUMENT_NESTING_MAX + 1)],
    ['of too many parts', list(ARGUMENT_NODES_MAX + 1)],
    ['with a key that could reach a prototype', JSON.parse('{"a":{"__proto__":1}}')],
    ['not finite', { a: Infinity }],
  ])('may not be %s', (_name, args) => {
    expect(call(args).success).toBe(false);
  });

  it('that are within the bounds fit into every message and question that carries them', () => {
    const args = nested(ARGUMENT_NESTING_MAX);
    expect(() => encode({ body: { model: { answer: { toolCalls: [{ arguments: args }] } } } })).not.toThrow();
  });
});
