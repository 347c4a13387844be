import { Message, parse, Question } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { samples } from './samples.fixture.ts';

const messages = samples;
const question = {
  id: 'q',
  tenant: 'default',
  run: '0190a8d4-0000-7000-8000-000000000001',
  role: 'researcher',
  tier: 'low',
  purpose: 'search',
  system: 's',
  turns: [
    { role: 'user', text: 'u' },
    {
      role: 'assistant',
      text: '',
      toolCalls: [{ id: 'c', name: 'n', arguments: { a: [1, { b: null }] } }],
      echo: {
        provider: 'p',
        model: 'm',
        parts: [
          { kind: 'opaque', block: { type: 'thinking', signature: 's' } },
          { kind: 'text', chars: 0 },
          { kind: 'call', call: 0, extra: { id: 'fc' } },
        ],
      },
    },
    { role: 'tool', callId: 'c', name: 'n', text: 't', failed: false },
  ],
  tools: [{ name: 'n', description: 'd', parameters: { type: 'object' } }],
  mustCall: true,
  only: 'n',
  facts: { goal: 'g' },
  outputTokensMax: 10,
  tokensMax: 10,
  usdMax: 0.5,
  timeoutMs: 10,
};

/** Values that are at home somewhere in a message, and some that are at home nowhere. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    'a',
    'x'.repeat(5_000),
    0,
    -1,
    1.5,
    2 ** 53,
    Number.NaN,
    Infinity,
    true,
  ),
  fc.constantFrom<unknown>([], {}, [[]], [undefined], { a: 1 }, new Date(0), new Map(), Object.create({ a: 1 })),
  fc.constantFrom<unknown>('findings', 'outside', '01990000-0000-7000-8000-000000000001', 'writer.t1.0', 'T1'),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Every place in a value: the object or array, and the key. */
function* places(value: unknown): Generator<[object, string]> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield [value, key];
    yield* places(Reflect.get(value, key));
  }
}

/** The value with one place changed, taken out, or given another key beside it. */
function changed(value: object, at: number, how: 'set' | 'delete' | 'add', other: unknown): object {
  const copy = structuredClone(value);
  const all = [...places(copy)];
  const [holder, key] = all[at % all.length] ?? [copy, ''];
  if (how === 'set') Reflect.set(holder, key, other);
  else if (how === 'delete') Reflect.deleteProperty(holder, key);
  else if (Array.isArray(holder)) holder.push(other);
  else Reflect.set(holder, 'another', other);
  return copy;
}

describe('parsing what fits as it is', () => {
  it.each(messages.map((message) => [message.type, message] as const))('gives back %s uncopied', (_type, message) => {
    expect(parse(Message, message)).toEqual({ success: true, data: Message.parse(message) });
    expect(parse(Message, message).data).toBe(message);
  });

  it('gives back a question uncopied', () => {
    expect(parse(Question, question).data).toBe(question);
  });
});

describe('parsing whatever it is', () => {
  it.each([
    ['a message', Message, messages],
    ['a question', Question, [question]],
  ] as const)('comes to what the schema says of %s with a change somewhere', (_name, schema: z.ZodType, originals) => {
    fc.assert(
      fc.property(
        fc.constantFrom<object>(...originals),
        fc.nat(10_000),
        fc.constantFrom('set', 'set', 'delete', 'add'),
        strange,
        (original, at, how, other) => {
          const value = changed(original, at, how, other);
          const expected = schema.safeParse(value);
          const found = parse(schema, value);
          expect(found.success).toBe(expected.success);
          expect(found.data).toStrictEqual(expected.data);
          expect(found.error?.issues).toEqual(expected.error?.issues);
        },
      ),
      { seed: 1, numRuns: 20_000 },
    );
  });

  it.each<[string, z.ZodType, unknown]>([
    ['strips', z.object({ a: z.string() }), { a: 'a', b: 1 }],
    ['fills in', z.object({ a: z.boolean().default(false) }), {}],
    ['keeps what is there', z.object({ a: z.boolean().default(false) }), { a: true }],
    ['keeps what is undefined', z.object({ a: z.string().optional() }), { a: undefined }],
    ['trims', z.object({ a: z.string().trim() }), { a: ' a ' }],
    ['transforms', z.string().transform((text) => text.length), 'four'],
    ['coerces', z.coerce.number(), '4'],
    ['refuses other keys', z.strictObject({ a: z.string() }), { a: 'a', b: 1 }],
    ['keeps other keys', z.looseObject({ a: z.string() }), { a: 'a', b: 1 }],
    ['takes either', z.union([z.string(), z.number()]), 4],
    ['reads a record', z.record(z.string(), z.int()), { a: 1 }],
    ['knows formats', z.email(), 'nobody'],
    ['looks at each text anew', z.string().regex(/a/g), 'aaa'],
    ['refines', z.string().refine((text) => text === 'a'), 'b'],
    ['counts', z.array(z.string()).min(2).max(3), ['a']],
    ['limits', z.number().gt(1).lt(3), 3],
    ['includes its limits', z.number().min(1).max(3), 3],
    ['divides', z.number().multipleOf(2), 3],
    ['takes a tuple', z.tuple([z.string(), z.int().optional()]), ['a']],
    ['takes null', z.string().nullable(), null],
    [
      'changes with a codec',
      z.codec(z.string(), z.string(), { decode: (a) => a.toUpperCase(), encode: (a) => a }),
      'a',
    ],
    ['takes nothing but a value or no key', z.object({ a: z.string().exactOptional() }), { a: undefined }],
    ['fills in what may be left out', z.object({ a: z.string().default('x').optional() }), {}],
    ['fills in what may be nothing', z.object({ a: z.string().default('x').optional() }), { a: undefined }],
    ['fills in what is nothing', z.object({ a: z.string().default('x') }), { a: undefined }],
    ['fills in elements', z.array(z.string().optional().default('x')), [undefined]],
    ['fills in parts', z.tuple([z.string().optional().default('x')]), [undefined]],
    ['knows the values of an enum', z.enum({ 0: 'A', A: 0 }), 'A'],
    ['checks what it can', z.any().check(z.minLength(2)), null],
    ['knows its own keys', z.object({ toString: z.custom() }), { b: 1 }],
    ['applies checks that are functions', z.object({ a: z.int() }).refine(({ a }) => a > 1), { a: 1 }],
  ])('%s as the schema does', (_what, schema, value) => {
    for (let round = 0; round < 2; round += 1) {
      const [expected, found] = [schema.safeParse(value), parse(schema, value)];
      expect(found.data).toStrictEqual(expected.data);
      expect(found.error?.issues).toEqual(expected.error?.issues);
    }
  });
});
