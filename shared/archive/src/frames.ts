/** One message as the log had it. */
export interface LoggedMessage {
  subject: string;
  /** Sequence in its stream. */
  seq: number;
  /** Unix ms at which the broker stored it. */
  at: number;
  bytes: Uint8Array;
}

/** Length of the subject, sequence, time, length of the bytes: what stands before them. */
const FIXED_BYTES = 4 + 8 + 8 + 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * A message as bytes that say everything of it, big-endian: u32 length of the subject, the subject (UTF-8), f64
 * sequence, f64 time, u32 length of the bytes, the bytes. One message has one form, so that a digest of it is one.
 */
export function encodeFrame({ subject, seq, at, bytes }: LoggedMessage): Uint8Array {
  const name = encoder.encode(subject);
  const frame = new Uint8Array(FIXED_BYTES + name.length + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, name.length);
  frame.set(name, 4);
  view.setFloat64(4 + name.length, seq);
  view.setFloat64(12 + name.length, at);
  view.setUint32(20 + name.length, bytes.length);
  frame.set(bytes, FIXED_BYTES + name.length);
  return frame;
}

/** The frames that stand one behind the other in `all`. Throws a RangeError if it does not end where a frame does. */
export function splitFrames(all: Uint8Array): { frame: Uint8Array; message: LoggedMessage }[] {
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const found: { frame: Uint8Array; message: LoggedMessage }[] = [];
  for (let start = 0; start < all.length;) {
    const name = start + 4;
    const fixed = name + view.getUint32(start);
    const content = fixed + 20;
    const end = content + view.getUint32(fixed + 16);
    if (end > all.length) throw new RangeError('the last message is cut off');
    const message = {
      subject: decoder.decode(all.subarray(name, fixed)),
      seq: view.getFloat64(fixed),
      at: view.getFloat64(fixed + 8),
      bytes: all.subarray(content, end),
    };
    found.push({ frame: all.subarray(start, end), message });
    start = end;
  }
  return found;
}
