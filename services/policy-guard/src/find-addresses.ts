/** A bare address in a text, in UTF-16 units. */
export interface FoundAddress {
  start: number;
  end: number;
  address: string;
}

const SCHEME_CHARACTER = /[a-z0-9+.-]/i;
const LOCAL_CHARACTER = /[\w.+-]/;
const DOMAIN_CHARACTER = /[\w.-]/;
const END = /[\s<>\0]/;
const TRAILING = /[?!.,:;*_~'")}\]]/;

/**
 * What readers turn into links without being asked (`https://…`, `www.…`, `name@host`), in order, without overlaps, and
 * `mailto:` and `xmpp:` in front of an e-mail address. As long as any reader would take it. Linear.
 */
export function findAddresses(text: string): FoundAddress[] {
  const found: FoundAddress[] = [];
  let done = 0;
  for (const { 0: sign, index } of text.matchAll(/:\/\/|www\.|@/gi)) {
    if (index < done) continue;
    const place = sign === '@' ? mailAt(text, index, done) : webAt(text, index, sign, done);
    if (place === undefined) continue;
    found.push({ ...place, address: text.slice(place.start, place.end) });
    done = place.end;
  }
  return found;
}

type Place = { start: number; end: number };

function webAt(text: string, index: number, sign: string, from: number): Place | undefined {
  let start = index;
  if (sign === '://') while (start > from && SCHEME_CHARACTER.test(text.charAt(start - 1))) start -= 1;
  else if (index > from && /[a-z0-9]/i.test(text.charAt(index - 1))) return undefined;
  if (sign === '://' && start === index) return undefined;
  let end = index + sign.length;
  const first = end;
  while (end < text.length && !END.test(text.charAt(end))) end += 1;
  const last = trimmed(text, first, end);
  // Punctuation alone is no host, and a bracket ends what is looked at here; but some readers read on.
  return end > first || text.charAt(end) === '\0' ? { start, end: last } : undefined;
}

/** Without the punctuation that ends a sentence; a closing parenthesis stays if it was opened inside. */
function trimmed(text: string, start: number, end: number): number {
  let last = end;
  let open = 0;
  for (let at = start; at < end; at += 1) {
    if (text.charAt(at) === '(') open += 1;
    if (text.charAt(at) === ')') open -= 1;
  }
  while (last > start && TRAILING.test(text.charAt(last - 1))) {
    if (text.charAt(last - 1) === ')') {
      if (open >= 0) break;
      open += 1;
    }
    last -= 1;
  }
  return last;
}

function mailAt(text: string, index: number, from: number): Place | undefined {
  let start = index;
  while (start > from && LOCAL_CHARACTER.test(text.charAt(start - 1))) start -= 1;
  let end = index + 1;
  while (end < text.length && DOMAIN_CHARACTER.test(text.charAt(end))) end += 1;
  while (end > index && /[._-]/.test(text.charAt(end - 1))) end -= 1;
  if (start === index || !text.slice(index + 1, end).includes('.')) return undefined;
  const scheme = /(?:mailto|xmpp):$/i.exec(text.slice(Math.max(from, start - 7), start))?.[0] ?? '';
  return { start: start - scheme.length, end };
}
