import { plainOf } from './views.ts';

/** What stands in the parentheses behind a link text: the address, decoded, and where they end. */
export interface Destination {
  address: string;
  end: number;
}

const SPACE = /[ \t]/;
/** What is longer or deeper is no link here: the scan stays linear, and a text that is no link is inert. */
const PART_CHARS_MAX = 2_048;
const TITLE_CHARS_MAX = 256;
const DEPTH_MAX = 32;

/** Reads `(address "title")` at `at`, by CommonMark's rules, within its line; undefined if it is none. */
export function destinationAt(line: string, at: number): Destination | undefined {
  if (line.charAt(at) !== '(') return undefined;
  const start = afterSpace(line, at + 1);
  const end = line.charAt(start) === '<' ? endOfAngled(line, start) : endOfPlain(line, start);
  if (end === undefined) return undefined;
  const raw = line.charAt(start) === '<' ? line.slice(start + 1, end - 1) : line.slice(start, end);
  const close = afterTitle(line, end);
  return line.charAt(close) === ')' ? { address: decodedAddress(raw), end: close + 1 } : undefined;
}

/** An address as a browser gets it: without escapes and entities. */
const decodedAddress = (raw: string): string =>
  raw.replaceAll(/\\[!-/:-@[-`{-~]|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,15});/gi, (found) => plainOf(found) ?? found);

const limitOf = (line: string, start: number, charsMax = PART_CHARS_MAX): number =>
  Math.min(line.length, start + charsMax);

function afterSpace(line: string, from: number): number {
  let at = from;
  while (SPACE.test(line.charAt(at))) at += 1;
  return at;
}

function endOfAngled(line: string, start: number): number | undefined {
  for (let at = start + 1; at < limitOf(line, start); at += 1) {
    const character = line.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '<') return undefined;
    else if (character === '>') return at + 1;
  }
  return undefined;
}

/** Parentheses inside have to be balanced. */
function endOfPlain(line: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < limitOf(line, start); at += 1) {
    const character = line.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '(') {
      depth += 1;
      if (depth > DEPTH_MAX) return undefined;
    } else if (character === ')') {
      if (depth === 0) return at;
      depth -= 1;
    } else if (SPACE.test(character)) return depth === 0 ? at : undefined;
  }
  return undefined;
}

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '(': ')' };

/** Behind a title, if there is one, and the space around it. */
function afterTitle(line: string, end: number): number {
  const start = afterSpace(line, end);
  const closing = CLOSING[line.charAt(start)];
  if (closing === undefined || start === end) return start;
  for (let at = start + 1; at < limitOf(line, start, TITLE_CHARS_MAX); at += 1) {
    if (line.charAt(at) === '\\') at += 1;
    else if (line.charAt(at) === closing) return afterSpace(line, at + 1);
  }
  return start;
}
