import { fstatSync, readSync } from 'node:fs';

export type BytesRead = { ok: true; bytes: Uint8Array } | { ok: false; reason: string };

/**
 * The bytes of an open file, or as a phrase why there are none. The file itself is asked what it is and how large, and
 * no more than that is read: one that changes meanwhile is no document yet.
 */
export function readBounded(fd: number, bytesMax: number): BytesRead {
  const before = fstatSync(fd, { bigint: true });
  if (!before.isFile()) return { ok: false, reason: 'is not a regular file' };
  if (before.size > bytesMax)
    return { ok: false, reason: `is too large: ${before.size} bytes, and ${bytesMax} are left` };
  const size = Number(before.size);
  // One byte more than there should be: it tells that the file has grown.
  const buffer = Buffer.allocUnsafe(size + 1);
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(fd, buffer, length, buffer.length - length, null);
    if (read === 0) break;
    length += read;
  }
  const after = fstatSync(fd, { bigint: true });
  if (length !== size || after.size !== before.size || after.mtimeNs !== before.mtimeNs)
    return { ok: false, reason: 'changed while it was read' };
  return { ok: true, bytes: buffer.subarray(0, size) };
}
