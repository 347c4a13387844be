/** A run of characters that may be an encoding, by its place, and a text that it may stand for. */
export interface Blob {
  start: number;
  end: number;
  text: string;
}

/** The shortest run that is decoded: a shorter one holds no secret that the shipped masks know. */
const BASE64 = /[\w+/-]{20,}/g;
const HEX = /(?:[0-9a-f]{2}[ :,-]?){12,}|[0-9a-f]{24,}/gi;
const BASE64_GROUP = 4;

/**
 * What the base64, base64url and hex runs of a text may stand for. A run may have neighbours of the same alphabet (a
 * path, a prefix), so it is read from each place where a group may begin.
 */
export function blobsIn(text: string): Blob[] {
  const blobs: Blob[] = [];
  for (const { 0: run, index: start } of text.matchAll(BASE64)) {
    const end = start + run.length;
    for (let shift = 0; shift < BASE64_GROUP; shift += 1)
      blobs.push({ start, end, text: printable(Buffer.from(run.slice(shift), 'base64')) });
  }
  for (const { 0: run, index: start } of text.matchAll(HEX)) {
    const digits = run.replaceAll(/[^0-9a-f]/gi, '');
    const end = start + run.length;
    for (const shift of [0, 1]) blobs.push({ start, end, text: printable(Buffer.from(digits.slice(shift), 'hex')) });
  }
  return blobs;
}

/** Bytes as ASCII text: secrets are. Zeros are dropped, for UTF-16; whatever else is not printable is a space. */
const printable = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replaceAll('\0', '')
    .replaceAll(/[^\n -~]+/g, ' ');
