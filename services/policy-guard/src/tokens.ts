import { plainOf } from './views.ts';

/** A piece of a line of Markdown: a bracket, a code span, an escape, an entity, or text. `at` and `end` are its place, `text` is what a reader sees of it. */
export interface Token {
  kind: 'text' | 'code' | 'open' | 'image' | 'close';
  raw: string;
  text: string;
  at: number;
  end: number;
}

const ENTITY = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});/iy;
const BACKTICKS = /`+/y;
const PUNCTUATION = /[!-/:-@[-`{-~]/;

/** Where an address may hide, text is cut into single units: it may begin and end at each. */
const MAY_HOLD_ADDRESS = /[@&\\]|:\/\/|www\./i;
/** Text that nothing begins or ends in, but an address. */
const PLAIN_RUN = /[^\\&`![\]<:@(){}]+/y;

/** Cuts a line into tokens: code spans first, as CommonMark does; then escapes, entities and brackets. Linear. */
export function tokensOf(line: string): Token[] {
  const closers = codeRuns(line);
  const inUnits = MAY_HOLD_ADDRESS.test(line);
  const tokens: Token[] = [];
  for (let at = 0; at < line.length;) {
    const token = codeAt(line, at, closers) ?? tokenAt(line, at, inUnits);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(line: string, at: number, inUnits: boolean): Token {
  const character = line.charAt(at);
  const token = (kind: Token['kind'], raw: string, text = raw): Token => ({
    kind,
    raw,
    text,
    at,
    end: at + raw.length,
  });
  switch (character) {
    case '\\': {
      const next = line.charAt(at + 1);
      return PUNCTUATION.test(next) ? token('text', `\\${next}`, next) : token('text', '\\');
    }
    case '&': {
      const entity = matchAt(ENTITY, line, at);
      return entity === undefined ? token('text', '&') : token('text', entity, plainOf(entity) ?? entity);
    }
    case '`':
      return token('text', matchAt(BACKTICKS, line, at) ?? '`');
    case '!':
      return line.charAt(at + 1) === '[' ? token('image', '![') : token('text', '!');
    case '[':
      return token('open', '[');
    case ']':
      return token('close', ']');
    default:
      return token('text', inUnits ? character : (matchAt(PLAIN_RUN, line, at) ?? character));
  }
}

/** What a sticky pattern finds at a place. */
function matchAt(pattern: RegExp, line: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line)?.[0];
}

/** Where the runs of backticks of each length begin, in order. */
function codeRuns(line: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { 0: run, index } of line.matchAll(/`+/g)) {
    const places = runs.get(run.length);
    if (places === undefined) runs.set(run.length, [index]);
    else places.push(index);
  }
  for (const places of runs.values()) places.reverse();
  return runs;
}

/**
 * A code span of one line. A table cell ends at a pipe even inside a code span, and what comes behind it would be
 * Markdown again: such a span is text.
 */
function codeAt(line: string, at: number, closers: Map<number, number[]>): Token | undefined {
  if (line.charAt(at) !== '`') return undefined;
  const run = matchAt(BACKTICKS, line, at) ?? '`';
  const places = closers.get(run.length) ?? [];
  while ((places.at(-1) ?? Infinity) <= at) places.pop();
  const close = places.at(-1);
  if (close === undefined) return undefined;
  const end = close + run.length;
  const raw = line.slice(at, end);
  return raw.includes('|') ? undefined : { kind: 'code', raw, text: '\0', at, end };
}
