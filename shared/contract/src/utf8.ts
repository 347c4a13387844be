/** U+FFFD in UTF-8. */
const REPLACEMENT = [0xef, 0xbf, 0xbd];
const WORD_BYTES = 4;

/**
 * Whether the bytes of a view from `from` up to `to` are well-formed UTF-8 (Unicode 16, table 3-7). With `repair` the
 * three bytes that stand for half a surrogate pair become U+FFFD in place: encoders write them, decoders refuse them.
 */
export function isUtf8(view: DataView, from: number, to: number, repair: boolean): boolean {
  let at = from;
  while (at < to) {
    // Most text is ASCII: four bytes at a time.
    while (at + WORD_BYTES <= to && (view.getUint32(at) & 0x80808080) === 0) at += WORD_BYTES;
    if (at === to) return true;
    const lead = view.getUint8(at);
    at += 1;
    if (lead < 0x80) continue;
    const more = following(lead);
    if (more === 0 || at + more > to) return false;
    const second = view.getUint8(at);
    if (repair && lead === 0xed && second >= 0xa0) {
      for (const [index, byte] of REPLACEMENT.entries()) view.setUint8(at - 1 + index, byte);
    } else {
      if (second < secondMin(lead) || second > secondMax(lead)) return false;
      for (let index = at + 1; index < at + more; index += 1) if ((view.getUint8(index) & 0xc0) !== 0x80) return false;
    }
    at += more;
  }
  return true;
}

/** How many bytes follow this one, 0 if no character begins with it. */
function following(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 1;
  return lead < 0xf0 ? 2 : 3;
}

const secondMin = (lead: number): number => (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80);
const secondMax = (lead: number): number => (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf);
