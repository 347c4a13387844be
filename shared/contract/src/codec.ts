import { Packr, Unpackr } from 'msgpackr';
import { MESSAGE_BYTES_MAX } from './limits.ts';

/** The bytes are not what the contract says. `message` tells a person what is wrong with them. */
export class MalformedError extends Error {
  override name = 'MalformedError';
}

// Plain msgpack, no private extensions: other languages read and write the same bytes (ARCHITECTURE §4).
const packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: false });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

const OPEN_BRACE = 0x7b;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Encodes a value as msgpack. Throws a RangeError over `bytesMax`: a sender's bound, so that a message that
 * nobody would accept is never written.
 */
export function encode(value: unknown, bytesMax: number = MESSAGE_BYTES_MAX): Uint8Array {
  const bytes = packr.pack(value);
  if (bytes.length > bytesMax)
    throw new RangeError(`the message has ${bytes.length} bytes; at most ${bytesMax} are allowed`);
  return bytes;
}

/** Encodes a value as JSON: for readers that are people or plain NATS clients. Throws like {@link encode}. */
export function encodeJson(value: unknown, bytesMax: number = MESSAGE_BYTES_MAX): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  if (bytes.length > bytesMax)
    throw new RangeError(`the message has ${bytes.length} bytes; at most ${bytesMax} are allowed`);
  return bytes;
}

/** Decodes msgpack or a JSON object (its first byte tells which). Throws {@link MalformedError}. */
export function decode(bytes: Uint8Array, bytesMax: number = MESSAGE_BYTES_MAX): unknown {
  if (bytes.length === 0) throw new MalformedError('the message is empty');
  if (bytes.length > bytesMax)
    throw new MalformedError(`the message has ${bytes.length} bytes; at most ${bytesMax} are allowed`);
  try {
    return bytes[0] === OPEN_BRACE ? JSON.parse(decoder.decode(bytes)) : unpackr.unpack(bytes);
  } catch (error) {
    throw new MalformedError(
      `the message is neither msgpack nor a JSON object: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
