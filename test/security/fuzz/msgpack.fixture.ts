import type { Chance } from './chance.fixture.ts';

const DEEP = [100, 5_000, 60_000];
const FIXED_EXTENSIONS = [0xd4, 0xd5, 0xd6, 0xd7, 0xd8];
const BINARY = [0xc4, 0xc5, 0xc6];

/** Every extension type, of every fixed and counted form. */
function extension(chance: Chance): Uint8Array {
  const type = chance.below(256);
  const fixed = chance.below(FIXED_EXTENSIONS.length + 1);
  const token = FIXED_EXTENSIONS[fixed];
  if (token !== undefined) return Uint8Array.of(token, type, ...chance.bytes(2 ** fixed));
  const length = chance.below(200);
  return Uint8Array.of(0xc7, length, type, ...chance.bytes(length));
}

/** An object that some decoders let point to itself: a definition (0x69) with a pointer (0x70) to it inside. */
const cyclic = (): Uint8Array =>
  Uint8Array.of(
    0xd6,
    0x69,
    0,
    0,
    0,
    1,
    0x82,
    0xa1,
    0x61,
    0xd6,
    0x70,
    0,
    0,
    0,
    1,
    0xa4,
    ...Buffer.from('goal'),
    0xa1,
    0x78,
  );

const inMap = (value: Uint8Array): Uint8Array =>
  Uint8Array.of(0x82, 0xa1, 0x76, 1, 0xa4, ...Buffer.from('body'), ...value);

/** Bytes that are msgpack of a kind that no message has, or almost msgpack. */
export function hostileMsgpack(chance: Chance): Uint8Array {
  switch (chance.below(8)) {
    case 0:
      return inMap(extension(chance));
    case 1:
      return Uint8Array.of(...cyclic(), chance.below(256));
    case 2:
      return new Uint8Array(chance.of(DEEP)).fill(chance.of([0x91, 0x81]));
    case 3:
      return inMap(Uint8Array.of(chance.of([0xdd, 0xdf, 0xc6, 0xdb]), 0xff, 0xff, 0xff, 0xff));
    case 4:
      return inMap(Uint8Array.of(chance.of(BINARY), 4, ...chance.bytes(8)));
    case 5:
      return inMap(Uint8Array.of(chance.of([0xcf, 0xd3, 0xcb, 0xca]), ...new Uint8Array(8).fill(0xff)));
    case 6:
      return inMap(Uint8Array.of(0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x61, 1));
    default:
      return chance.bytes(1 + chance.below(400));
  }
}
