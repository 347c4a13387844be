import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dropNulls } from './relax.ts';

const drop = (schema: z.ZodType, args: Record<string, unknown>) =>
  dropNulls(args, z.toJSONSchema(schema, { io: 'input' }));

describe('nulls that a strict schema forced', () => {
  it('are dropped where the property may be left out', () => {
    const read = z.strictObject({ path: z.string(), startLine: z.int().optional(), limit: z.int().default(6) });
    expect(drop(read, { path: 'a.md', startLine: null, limit: null })).toEqual({ path: 'a.md' });
  });

  it('are kept where null is a value of its own', () => {
    const schema = z.strictObject({
      either: z.string().nullable().optional(),
      choice: z.literal(['a', null]).optional(),
      any: z.unknown().optional(),
    });
    const args = { either: null, choice: null, any: null };
    expect(drop(schema, args)).toEqual(args);
  });

  it('are kept where the property is required: the tool says what is wrong', () => {
    expect(drop(z.strictObject({ path: z.string() }), { path: null })).toEqual({ path: null });
  });

  it('are dropped inside objects, lists and definitions', () => {
    const Node = z.strictObject({
      name: z.string().optional(),
      get below() {
        return z.array(Node).optional();
      },
    });
    const schema = z.strictObject({ all: z.array(z.strictObject({ first: Node.optional() })) });
    const args = { all: [{ first: null }, { first: { name: null, below: [{ name: 'x', below: null }] } }] };
    expect(drop(schema, args)).toEqual({ all: [{}, { first: { below: [{ name: 'x' }] } }] });
  });

  it('are dropped in the alternative that the fixed value, the keys or the types of the members tell', () => {
    const byValue = z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('a'), note: z.string().optional() }),
      z.strictObject({ kind: z.literal('b'), note: z.string().nullable() }),
      z.strictObject({ kind: z.enum(['c', 'd']), note: z.string().optional() }),
      z.strictObject({ kind: z.enum(['e', 'f']), note: z.string().nullable() }),
    ]);
    const byType = z.union([
      z.strictObject({ at: z.string(), note: z.string().optional() }),
      z.strictObject({ at: z.int(), note: z.string().nullable() }),
      z.strictObject({ from: z.int(), note: z.string().optional() }),
    ]);
    const list = z.strictObject({ byValue: z.array(byValue), byType: z.array(byType) });
    const args = {
      byValue: [
        { kind: 'a', note: null },
        { kind: 'b', note: null },
        { kind: 'd', note: null },
        { kind: 'f', note: null },
      ],
      byType: [
        { at: 'x', note: null },
        { at: 1, note: null },
        { from: 1, note: null },
      ],
    };
    expect(drop(list, args)).toEqual({
      byValue: [{ kind: 'a' }, { kind: 'b', note: null }, { kind: 'd' }, { kind: 'f', note: null }],
      byType: [{ at: 'x' }, { at: 1, note: null }, { from: 1 }],
    });
  });

  it('are dropped beside keys that the tool does not know, which are left to it', () => {
    expect(drop(z.strictObject({ a: z.string().optional() }), { a: null, b: null })).toEqual({ b: null });
  });

  it('leave what comes with them untouched, keys of every name included', () => {
    const args: unknown = JSON.parse('{"__proto__":null,"constructor":null,"toString":{"a":null}}');
    const schema = z.strictObject({ a: z.string().optional() });
    expect(JSON.stringify(drop(schema, args as Record<string, unknown>))).toBe(JSON.stringify(args));
  });

  it('are not looked for without end in definitions that are themselves or each other', () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a' }, b: { $ref: '#/$defs/b' } },
      $defs: {
        a: { $ref: '#/$defs/a' },
        b: { anyOf: [{ $ref: '#/$defs/c' }, { $ref: '#/$defs/c' }] },
        c: { $ref: '#/$defs/b' },
      },
    };
    expect(dropNulls({ a: { x: null }, b: { x: null } }, schema)).toEqual({ a: { x: null }, b: { x: null } });
  });

  it('are found in arguments as deep as they may be, and not looked for below', () => {
    const schema = { type: 'object', properties: { below: { $ref: '#' }, x: { type: 'string' } } };
    const nested = (levels: number): Record<string, unknown> =>
      levels === 0 ? { x: null } : { below: nested(levels - 1) };
    expect(JSON.stringify(dropNulls(nested(32), schema))).not.toContain('null');
    expect(JSON.stringify(dropNulls(nested(33), schema))).toContain('null');
  });
});
