import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode, encodeJson, MalformedError } from './codec.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';

const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

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
    expect(() => decode(Buffer.concat([bytes, Buffer.from([0xc0])]))).toThrow(MalformedError);
  });

  it('throws nothing else than MalformedError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        expect(errorOf(() => decode(bytes)) ?? new MalformedError()).toBeInstanceOf(MalformedError);
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });
});
