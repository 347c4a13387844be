import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode, encodeJson, MalformedError } from './codec.ts';
import { readGoal } from './goal-reader.ts';
import { MESSAGE_BYTES_MAX, NESTING_MAX, NODES_MAX } from './limits.ts';

/** Any value that a message may hold. */
const json = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
/** The value behind one key of a map: `{"a": …}`. */
const within = (...value: number[]) => Uint8Array.from([0x81, 0xa1, 0x61, ...value]);

/** What a call throws, if it throws. */
function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the codec', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(json, (value) => {
        // JSON has one zero.
        expect(decode(encode({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
        expect(decode(encodeJson({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('writes the same bytes for the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(encode(value)).toEqual(encode(structuredClone(value)));
      }),
      { seed: 1 },
    );
  });

  it('takes a message that is just as large as allowed, and none that is a byte larger', () => {
    const [fits, tooLarge] = [-5, -4].map((more) => 'x'.repeat(MESSAGE_BYTES_MAX + more));
    expect(encode(fits)).toHaveLength(MESSAGE_BYTES_MAX);
    expect(decode(encode(fits))).toBe(fits);
    expect(() => encode(tooLarge)).toThrow(RangeError);
    expect(() => decode(encode(tooLarge, Infinity))).toThrow(MalformedError);
  });

  it('bounds JSON just so', () => {
    const [fits, tooLarge] = [-2, -1].map((more) => 'x'.repeat(MESSAGE_BYTES_MAX + more));
    expect(encodeJson(fits)).toHaveLength(MESSAGE_BYTES_MAX);
    expect(() => encodeJson(tooLarge)).toThrow(RangeError);
  });

  it('refuses what is empty, cut or followed by something', () => {
    const bytes = encode({ text: 'hello', list: [1, 2, 3] });
    expect(() => decode(new Uint8Array())).toThrow('empty');
    for (let length = 1; length < bytes.length; length += 1)
      expect({ length, error: errorOf(() => decode(bytes.subarray(0, length))) }).toEqual({
        length,
        error: expect.any(MalformedError),
      });
    expect(() => decode(Buffer.concat([bytes, Buffer.from([0xc0])]))).toThrow('something stands behind it');
  });

  it('leaves out what is undefined, as JSON does', () => {
    const value = { a: undefined, b: [1, undefined], c: { d: undefined } };
    expect(decode(encode(value))).toStrictEqual({ b: [1, null], c: {} });
    expect(decode(encodeJson(value))).toStrictEqual({ b: [1, null], c: {} });
  });

  it('writes half a surrogate pair as U+FFFD, so that what is written can be read by everybody', () => {
    const halves = ['\ud83d', '\udc26', 'a\ud83d\ud83d', '\\\ud83d', '\\ud83d', `${'x'.repeat(100)}\ud83d`];
    const value = { halves, [`key \ud83d`]: '🐦 \u0101 \\ud800' };
    const whole = { halves: halves.map((text) => text.toWellFormed()), 'key \ufffd': '🐦 \u0101 \\ud800' };
    expect(decode(encode(value))).toStrictEqual(whole);
    expect(decode(encodeJson(value))).toStrictEqual(whole);
  });

  it.each([
    [
      'a cycle',
      () => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        return cycle;
      },
    ],
    ['a date', () => [new Date(0)]],
    ['binary', () => [new Uint8Array(3)]],
    ['a map with keys that are no texts', () => [new Map([[1, 2]])]],
    ['an integer that a number cannot hold', () => [2n ** 60n]],
    ['what is not finite', () => [Number.NaN]],
    ['a key that could reach a prototype', () => JSON.parse('{"__proto__":{}}')],
    ['what is nested too deep', () => nested(NESTING_MAX + 1)],
  ])('writes no message that holds %s', (_name, value) => {
    expect(() => encode(value())).toThrow(RangeError);
  });
});

/** Arrays inside each other. */
function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

/** Pointers to pointers: `levels` arrays, each of which holds the one before it twice. 2^levels ways lead to the first. */
function pointers(levels: number): number[] {
  const define = (id: number) => [0xd6, 0x69, 0, 0, 0, id];
  const point = (id: number) => [0xd6, 0x70, 0, 0, 0, id];
  const arrays = Array.from({ length: levels }, (_, level) => [
    ...define(level + 1),
    0x92,
    ...(level === 0 ? [0x01, 0x01] : [...point(level), ...point(level)]),
  ]);
  return [0xdc, 0, levels, ...arrays.flat()];
}

describe('bytes that would do something when they are read', () => {
  it('are refused before they are decoded: pointers with something behind them', () => {
    // With 60 levels whoever walks the decoded value walks for ever, and the decoder does so to say what was read.
    for (const levels of [2, 12, 60]) {
      const bytes = Uint8Array.from([...pointers(levels), 0x00]);
      expect(errorOf(() => decode(bytes))).toMatchObject({ message: expect.stringContaining('the type 0xd6') });
      expect(readGoal(Uint8Array.from([...within(...pointers(levels)), 0x00]))).toMatchObject({ ok: false });
    }
  });

  it('are refused: a value that holds itself', () => {
    expect(() => decode(within(0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1))).toThrow('the type 0xd6');
  });

  it.each<[string, number[], string]>([
    ['a record definition', [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01], '0xd4'],
    ['a record definition of two bytes', [0xd5, 0x72, 0x40, 0x01, 0x91, 0xa1, 0x61, 0x01], '0xd5'],
    ['a timestamp', [0xd6, 0xff, 0, 0, 0, 1], '0xd6'],
    ['a long timestamp', [0xc7, 12, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '0xc7'],
    ['bundled strings', [0xd6, 0x62, 0, 0, 0, 1, 0xa1, 0x61], '0xd6'],
    ['undefined', [0xd4, 0, 0], '0xd4'],
    ['a big integer', [0xd7, 0x42, 1, 2, 3, 4, 5, 6, 7, 8], '0xd7'],
    ['an error', [0xd4, 0x65, 0, 0x93, 0xa1, 0x61, 0xa1, 0x62, 0xc0], '0xd4'],
    ['a typed array', [0xc7, 2, 0x74, 0, 0], '0xc7'],
    ['an extension of 16 bytes', [0xd8, 1, ...Array.from({ length: 16 }, () => 0)], '0xd8'],
    ['an extension with a length of two bytes', [0xc8, 0, 1, 1, 0], '0xc8'],
    ['an extension with a length of four bytes', [0xc9, 0, 0, 0, 1, 1, 0], '0xc9'],
    ['binary', [0xc4, 1, 0], '0xc4'],
    ['binary of two', [0xc5, 0, 1, 0], '0xc5'],
    ['binary of four', [0xc6, 0, 0, 0, 1, 0], '0xc6'],
    ['the byte that msgpack never uses', [0xc1], '0xc1'],
  ])('are refused: %s', (_name, bytes, type) => {
    expect(() => decode(within(...bytes))).toThrow(`the type ${type}, which is not taken`);
  });
});

describe('values that nobody could hold or write again are malformed', () => {
  it.each<[string, Uint8Array, string]>([
    ['NaN', within(0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0), 'not finite'],
    ['infinity', within(0xca, 0xff, 0x80, 0, 0), 'not finite'],
    ['infinity as JSON', Buffer.from('{"a":[1e999]}'), 'not finite'],
    ['2^53', within(0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0), 'too large'],
    ['-2^53', within(0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 0), 'too large'],
    ['a key that is a number', Uint8Array.from([0x81, 0x01, 0x01]), 'key of a map is not a text'],
    ['a key that is a map', Uint8Array.from([0x81, 0x80, 0x01]), 'key of a map is not a text'],
    ['__proto__ as a key', Uint8Array.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x80]), '__proto__'],
    ['__proto__ as a long key', Uint8Array.from([0x81, 0xd9, 9, ...Buffer.from('__proto__'), 0x80]), '__proto__'],
    ['__proto__ as a key of JSON', Buffer.from('{"a":[{"__proto__":{"b":1}}]}'), '__proto__'],
    ['text that is not UTF-8', within(0xa2, 0xc3, 0x28), 'not UTF-8'],
    ['text that is cut in a character', within(0xa1, 0xe2), 'not UTF-8'],
    ['text with an overlong character', within(0xa2, 0xc0, 0xaf), 'not UTF-8'],
    ['text with half a surrogate pair', within(0xa3, 0xed, 0xa0, 0xbd), 'not UTF-8'],
    ['text beyond Unicode', within(0xa4, 0xf4, 0x90, 0x80, 0x80), 'not UTF-8'],
    ['long text that is not UTF-8', within(0xd9, 101, ...Buffer.alloc(100, 0x78), 0xff), 'not UTF-8'],
    ['half a surrogate pair in JSON', Buffer.from('{"a":"\\ud83d"}'), 'half a surrogate pair'],
    ['JSON that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'not UTF-8'],
    ['an array that claims four billion parts', within(0xdd, 0xff, 0xff, 0xff, 0xff, 0x01), 'cut off'],
    ['a map that claims four billion parts', within(0xdf, 0xff, 0xff, 0xff, 0xff, 0x01), 'cut off'],
    ['a text that claims four billion bytes', within(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61), 'cut off'],
  ])('%s', (_name, bytes, why) => {
    expect(errorOf(() => decode(bytes))).toBeInstanceOf(MalformedError);
    expect(() => decode(bytes)).toThrow(why);
  });

  it('and the numbers just inside are not', () => {
    expect(decode(within(0xcf, 0, 0x1f, 255, 255, 255, 255, 255, 255))).toEqual({ a: Number.MAX_SAFE_INTEGER });
    expect(decode(within(0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 1))).toEqual({ a: Number.MIN_SAFE_INTEGER });
  });
});

describe('the bounds of a value', () => {
  const arrays = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x91), Buffer.from([0x01])]);
  const braces = (levels: number) => Buffer.from(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  const nils = (parts: number) => {
    const head = Buffer.from([0xdd, 0, 0, 0, 0]);
    head.writeUInt32BE(parts - 1, 1);
    return Buffer.concat([head, Buffer.alloc(parts - 1, 0xc0)]);
  };
  // The object, its key and the list are parts too.
  const list = (parts: number) => Buffer.from(`{"a":[${Array.from({ length: parts - 3 }, () => 0).join()}]}`);

  it.each([
    ['levels of msgpack', arrays, NESTING_MAX, 'levels deep'],
    ['levels of JSON', braces, NESTING_MAX, 'levels deep'],
    ['parts of msgpack', nils, NODES_MAX, 'parts'],
    ['parts of JSON', list, NODES_MAX, 'parts'],
  ] as const)('are exact: %s', (_name, bytesOf, most, why) => {
    expect(errorOf(() => decode(bytesOf(most)))).toBeUndefined();
    expect(() => decode(bytesOf(most + 1))).toThrow(why);
  });

  it.each([
    ['msgpack', arrays(MESSAGE_BYTES_MAX - 1)],
    ['JSON', braces(40_000)],
    ['JSON of arrays', Buffer.from(`{"a":${'['.repeat(120_000)}${']'.repeat(120_000)}}`)],
  ])('refuse %s that is nested as deep as a message allows, without a stack overflow', (_name, bytes) => {
    expect(() => decode(bytes)).toThrow('levels deep');
  });
});

describe('whatever the bytes', () => {
  /** Bytes that look like msgpack more often than chance would have it. */
  const tokens = fc.constantFrom(
    0x81,
    0x82,
    0x91,
    0x92,
    0xa1,
    0xc4,
    0xcb,
    0xcf,
    0xd4,
    0xd6,
    0xd9,
    0xdc,
    0xde,
    0x69,
    0x70,
  );
  const likely = fc.array(fc.oneof(tokens, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 200 });

  /** Decoding either refuses, or gives what can be written and read again as it is. */
  function expectPlainOrMalformed(bytes: Uint8Array): void {
    const error = errorOf(() => decode(bytes));
    expect(error ?? new MalformedError()).toBeInstanceOf(MalformedError);
    const value = error === undefined ? decode(bytes) : null;
    expect(decode(encode({ value }))).toEqual({ value });
    expect(decode(encodeJson({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
  }

  it('what is read is a plain value or malformed', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), expectPlainOrMalformed), {
      seed: 1,
      numRuns: 5_000,
    });
    fc.assert(
      fc.property(likely, (bytes) => expectPlainOrMalformed(Uint8Array.from(bytes))),
      { seed: 2, numRuns: 5_000 },
    );
  });

  it('what is read is a plain value or malformed when a message was changed in one place', () => {
    const place = fc.nat(1_000);
    fc.assert(
      fc.property(json, place, fc.nat(255), (value, at, byte) => {
        const bytes = Uint8Array.from(encode({ value }));
        bytes[at % bytes.length] = byte;
        expectPlainOrMalformed(bytes);
      }),
      { seed: 3, numRuns: 2_000 },
    );
  });
});
