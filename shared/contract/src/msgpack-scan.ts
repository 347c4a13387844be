import { NESTING_MAX, NODES_MAX } from './limits.ts';
import { isUtf8 } from './utf8.ts';

const CUT = 'it is cut off';
const NOT_FINITE = 'a number is not finite';
const NOT_EXACT = 'an integer is too large to be read exactly';

/** How much each open array or map still has to come, and whether it is a map. One scan runs at a time. */
const counts = new Uint32Array(NESTING_MAX);
const kinds = new Uint8Array(NESTING_MAX);

/**
 * What is wrong with bytes that should be one msgpack value of the kinds that JSON knows: undefined if nothing is. One
 * pass over the bytes without recursion, so that it is safe to look before decoding: an extension type (pointers,
 * records, timestamps), a value too deep or of too many parts, or something behind it never reaches the decoder.
 * `repair` is for bytes that this process has made itself, see {@link isUtf8}.
 */
export function faultInMsgpack(bytes: Uint8Array, repair = false): string | undefined {
  return new Scan(bytes, repair).fault();
}

class Scan {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly repair: boolean;
  at = 0;
  depth = 0;
  /** What the innermost open array or map still has to come; a map's keys and values are counted together. */
  left = 1;
  isMap = 0;

  constructor(bytes: Uint8Array, repair: boolean) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.repair = repair;
  }

  fault(): string | undefined {
    for (let nodes = 1; this.left > 0; nodes += 1) {
      if (nodes > NODES_MAX) return `it has more than ${NODES_MAX} parts`;
      const fault = this.next();
      if (fault !== undefined) return fault;
      while (this.left === 0 && this.depth > 0) this.close();
    }
    return this.at === this.end ? undefined : 'something stands behind it';
  }

  next(): string | undefined {
    if (this.at === this.end) return CUT;
    const token = this.bytes[this.at] ?? 0;
    this.at += 1;
    this.left -= 1;
    const isKey = this.isMap === 1 && this.left % 2 === 1;
    const header = headerSize(token);
    if (header < 0) return `it uses the type 0x${token.toString(16)}, which is not taken`;
    if (header > this.end - this.at) return CUT;
    if (isText(token)) return this.text(token, header, isKey);
    if (isKey) return 'a key of a map is not a text';
    if (isContainer(token)) return this.open(token, header);
    this.at += header;
    return header < 4 ? undefined : faultInNumber(this.bytes, token, this.at - header);
  }

  text(token: number, header: number, isKey: boolean): string | undefined {
    const from = this.at + header;
    const to = from + (header === 0 ? token & 0x1f : uintAt(this.bytes, this.at, header));
    if (to > this.end) return CUT;
    this.at = to;
    if (isKey && isProto(this.bytes, from, to)) return 'a key is "__proto__"';
    return isUtf8(this.bytes, from, to, this.repair) ? undefined : 'a text is not UTF-8';
  }

  open(token: number, header: number): string | undefined {
    if (this.depth === NESTING_MAX) return `it is nested more than ${NESTING_MAX} levels deep`;
    counts[this.depth] = this.left;
    kinds[this.depth] = this.isMap;
    this.depth += 1;
    this.isMap = token < 0x90 || token > 0xdd ? 1 : 0;
    this.left = (header === 0 ? token & 0x0f : uintAt(this.bytes, this.at, header)) * (this.isMap + 1);
    this.at += header;
    // Each part takes a byte at least: a large number in a small message is refused before anybody believes it.
    return this.left > this.end - this.at ? CUT : undefined;
  }

  close(): void {
    this.depth -= 1;
    this.left = counts[this.depth] ?? 0;
    this.isMap = kinds[this.depth] ?? 0;
  }
}

const isText = (token: number): boolean => (token >= 0xa0 && token <= 0xbf) || (token >= 0xd9 && token <= 0xdb);
const isContainer = (token: number): boolean => (token >= 0x80 && token <= 0x9f) || (token >= 0xdc && token <= 0xdf);

/** Bytes behind each token that say its length or its value; -1 for binary, extensions and what msgpack never uses. */
const SIZES = new Int8Array(256).fill(-1, 0xc1, 0xe0);
for (const [token, size] of [
  [0xc2, 0], // false
  [0xc3, 0], // true
  [0xca, 4], // float 32
  [0xcb, 8], // float 64
  [0xcc, 1], // unsigned integers
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1], // integers
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
  [0xd9, 1], // texts
  [0xda, 2],
  [0xdb, 4],
  [0xdc, 2], // arrays
  [0xdd, 4],
  [0xde, 2], // maps
  [0xdf, 4],
] as const)
  SIZES[token] = size;

const headerSize = (token: number): number => SIZES[token] ?? -1;

/** JSON knows neither NaN nor infinity, and a number holds integers up to 2^53 - 1. Rare: the view is made here. */
function faultInNumber(bytes: Uint8Array, token: number, at: number): string | undefined {
  if (token !== 0xca && token !== 0xcb && token !== 0xcf && token !== 0xd3) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, token === 0xca ? 4 : 8);
  switch (token) {
    case 0xca:
      return Number.isFinite(view.getFloat32(0)) ? undefined : NOT_FINITE;
    case 0xcb:
      return Number.isFinite(view.getFloat64(0)) ? undefined : NOT_FINITE;
    case 0xcf:
      return view.getUint32(0) < 2 ** 21 ? undefined : NOT_EXACT;
    default:
      return Number.isSafeInteger(view.getInt32(0) * 2 ** 32 + view.getUint32(4)) ? undefined : NOT_EXACT;
  }
}

/** A big-endian unsigned integer of 1, 2 or 4 bytes. */
function uintAt(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = at; index < at + size; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

const PROTO = [0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f];

const isProto = (bytes: Uint8Array, from: number, to: number): boolean =>
  to - from === PROTO.length && PROTO.every((byte, index) => bytes[from + index] === byte);
