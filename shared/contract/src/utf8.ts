/** U+FFFD in UTF-8. */
const REPLACEMENT = [0xef, 0xbf, 0xbd];
const WORD_BYTES = 4;
/** For less a view costs more than it saves. */
const LONG_BYTES = 256;

/**
 * Whether the bytes from `from` up to `to` are well-formed UTF-8 (Unicode 16, table 3-7). With `repair` the
 * three bytes that stand for half a surrogate pair become U+FFFD in place: encoders write them, decoders refuse them.
 */
export function isUtf8(bytes: Uint8Array, from: number, to: number, repair: boolean): boolean {
  let at = to - from < LONG_BYTES ? from : behindAscii(bytes, from, to);
  while (at < to) {
    const lead = bytes[at] ?? 0;
    at += 1;
    // Most text is ASCII.
    if (lead < 0x80) continue;
    const more = following(lead);
    if (more === 0 || at + more > to) return false;
    const second = bytes[at] ?? 0;
    if (repair && lead === 0xed && second >= 0xa0) {
      bytes.set(REPLACEMENT, at - 1);
    } else {
      if (second < secondMin(lead) || second > secondMax(lead)) return false;
      for (let index = at + 1; index < at + more; index += 1) if (((bytes[index] ?? 0) & 0xc0) !== 0x80) return false;
    }
    at += more;
  }
  return true;
}

/** The end of the ASCII that a long text begins with, which is mostly all of it: four bytes at a time. */
function behindAscii(bytes: Uint8Array, from: number, to: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from);
  const last = to - from - WORD_BYTES;
  let at = 0;
  while (at <= last && (view.getUint32(at) & 0x80808080) === 0) at += WORD_BYTES;
  return from + at;
}

/** How many bytes follow this one, 0 if no character begins with it. */
function following(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 1;
  return lead < 0xf0 ? 2 : 3;
}

const secondMin = (lead: number): number => (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80);
const secondMax = (lead: number): number => (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf);
