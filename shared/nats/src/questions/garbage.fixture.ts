const encoder = new TextEncoder();
const bytes = (...values: number[]) => Uint8Array.from(values);

/** A msgpack map of `kind: "answer"` and one more field, whose value is `value` as it stands on the wire. */
const answerWith = (value: Uint8Array) =>
  Uint8Array.of(
    0x82,
    0xa4,
    ...encoder.encode('kind'),
    0xa6,
    ...encoder.encode('answer'),
    0xa6,
    ...encoder.encode('answer'),
    ...value,
  );

/**
 * Payloads that are no message of this protocol, by name: what a broken or hostile process may send. `0xd6 0x69` and
 * `0xd6 0x70` are msgpackr's private extensions for values that are shared, and may so be made to hold themselves.
 */
export const GARBAGE: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', bytes()],
  ['one nil', bytes(0xc0)],
  ['text', encoder.encode('evil bytes')],
  ['half a JSON object', encoder.encode('{"gateway":')],
  ['JSON of the wrong types', encoder.encode('{"kind":7,"gateway":[],"answer":{"ok":"yes"}}')],
  ['msgpack that is cut off', bytes(0xde, 0xff, 0xff, 0xa4, 0x6b)],
  ['a string that is longer than the payload', bytes(0xdb, 0x7f, 0xff, 0xff, 0xff, 0x61)],
  ['bytes after the end', bytes(0x80, 0x80)],
  ['a reserved byte', bytes(0xc1)],
  ['an unknown extension', bytes(0xd4, 0x2a, 0x00)],
  ['an answer of the wrong type', answerWith(bytes(0x07))],
  ['a pointer to nowhere', answerWith(bytes(0xd6, 0x70, 0, 0, 0, 9))],
  ['a list that holds itself', answerWith(bytes(0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1))],
  ['a map that holds itself', answerWith(bytes(0xd6, 0x69, 0, 0, 0, 1, 0x81, 0xa1, 0x61, 0xd6, 0x70, 0, 0, 0, 1))],
  ['lists in lists, 10,000 deep', new Uint8Array(10_000).fill(0x91)],
  ['a megabyte of zeros', new Uint8Array(1_000_000)],
  ['a megabyte of empty maps', new Uint8Array(1_000_000).fill(0x80)],
];
