import { Packr, Unpackr } from 'msgpackr';
import { MESSAGE_BYTES_MAX } from './limits.ts';
import { faultInMsgpack } from './msgpack-scan.ts';
import { faultInValue } from './plain-value.ts';

/** The bytes are not what the contract says. `message` tells a person what is wrong with them. */
export class MalformedError extends Error {
  override name = 'MalformedError';
}

/**
 * Plain msgpack that other languages read and write too, and of that what JSON knows: nil, truth values, finite
 * numbers, UTF-8 texts, arrays, maps with texts as keys. No extension types (the decoder would follow pointers, define
 * records and make dates), no binary (it would keep the socket's buffer alive; bytes travel as base64), no BigInt.
 */
const packing = { useRecords: false, variableMapSize: true };
const packr = new Packr(packing);
/** Slower: only for values with fields that are undefined. */
const leavingOutOptions = { ...packing, skipValues: [undefined], encodeUndefinedAsNil: true };
const leavingOut = new Packr(leavingOutOptions);
const unpackr = new Unpackr({
  useRecords: false,
  mapsAsObjects: true,
  int64AsType: 'number',
  structuredClone: false,
});

const OPEN_BRACE = 0x7b;
const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/**
 * Encodes a value as msgpack; fields that are undefined are left out as in JSON, half a surrogate pair becomes U+FFFD. Throws a
 * RangeError over `bytesMax`, or with what {@link decode} would refuse: a sender's bound, so that a message that
 * nobody would accept is never written.
 */
export function encode(value: unknown, bytesMax: number = MESSAGE_BYTES_MAX): Uint8Array {
  let bytes = packr.pack(value);
  let fault = faultInMsgpack(bytes, true);
  if (fault !== undefined) {
    bytes = leavingOut.pack(value);
    fault = faultInMsgpack(bytes, true);
  }
  if (bytes.length > bytesMax) throw tooLong(bytes.length, bytesMax);
  if (fault !== undefined) throw new RangeError(`the message cannot be sent: ${fault}`);
  return bytes;
}

/** Encodes a value as JSON: for readers that are people or plain NATS clients. Throws a RangeError over `bytesMax`. */
export function encodeJson(value: unknown, bytesMax: number = MESSAGE_BYTES_MAX): Uint8Array {
  const bytes = encoder.encode(withoutHalfPairs(JSON.stringify(value)));
  if (bytes.length > bytesMax) throw tooLong(bytes.length, bytesMax);
  return bytes;
}

/** Decodes msgpack or a JSON object (its first byte tells which). Throws {@link MalformedError}. */
export function decode(bytes: Uint8Array, bytesMax: number = MESSAGE_BYTES_MAX): unknown {
  if (bytes.length === 0) throw new MalformedError('the message is empty');
  if (bytes.length > bytesMax)
    throw new MalformedError(`the message has ${bytes.length} bytes; at most ${bytesMax} are allowed`);
  return bytes[0] === OPEN_BRACE ? parseJson(textOf(bytes)) : decodeMsgpack(bytes);
}

/** The value of a JSON text, with the bounds of a message. Throws {@link MalformedError}. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MalformedError(`it is broken JSON: ${sentenceOf(error)}`);
  }
  const fault = faultInValue(value);
  if (fault !== undefined) throw new MalformedError(`it is JSON that cannot be taken: ${fault}`);
  return value;
}

function decodeMsgpack(bytes: Uint8Array): unknown {
  const fault = faultInMsgpack(bytes);
  if (fault !== undefined) throw new MalformedError(`the message is neither a JSON object nor plain msgpack: ${fault}`);
  try {
    return unpackr.unpack(bytes);
  } catch (error) {
    throw new MalformedError(`the message is neither a JSON object nor plain msgpack: ${sentenceOf(error)}`);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new MalformedError('the message is not UTF-8');
  }
}

/** JSON.stringify writes half a surrogate pair as an escape, which readers refuse: here it becomes U+FFFD. */
function withoutHalfPairs(json: string): string {
  if (!json.includes('\\ud')) return json;
  return json.replaceAll(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, '$1\ufffd');
}

const tooLong = (length: number, bytesMax: number): RangeError =>
  new RangeError(`the message has ${length} bytes; at most ${bytesMax} are allowed`);

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
