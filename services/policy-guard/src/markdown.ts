import type { Addresses } from './addresses.ts';
import { type Inert, inertLine } from './inline.ts';
import { visible } from './invisible.ts';

/** Ends a text that was longer than may leave. */
const CUT = '… (cut)';

/** Info strings of code blocks that readers show as code; others are drawn or run: diagrams, maps, raw HTML. */
const INFO = /^[\w+#.-]{1,32}$/;
const DRAWN = new Set([
  'dot',
  'geojson',
  'graphviz',
  'html-preview',
  'latex',
  'math',
  'mermaid',
  'plantuml',
  'puml',
  'stl',
  'svg',
  'topojson',
  'vega',
  'vega-lite',
]);

interface Fence {
  /** The run that opened it. */
  run: string;
  indent: number;
}

/** A longer run of backticks or tildes is shortened to this: it is written again where the block ends. */
const RUN_CHARS_MAX = 32;

const OPENING = /^([ \t]*)(`{3,}|~{3,})[ \t]*(.*)$/;

/**
 * Markdown in which nothing is active that `addresses` do not allow, at most `charsMax` long. Code blocks stay as they
 * are, at the margin and closed, so that every reader agrees on where they end. Linear.
 */
export function inertMarkdown(markdown: string, addresses: Addresses, charsMax: number): Inert {
  const { text, removed } = visible(markdown);
  const lines: string[] = [];
  let neutralised = removed;
  let chars = 0;
  let fence: Fence | undefined;
  for (const line of text.split('\n')) {
    const next = fence === undefined ? outside(line, addresses) : inside(line, fence);
    chars += next.text.length + 1;
    if (chars > charsMax - CUT.length) {
      lines.push(...(fence === undefined ? [] : [fence.run]), CUT);
      return { text: lines.join('\n'), neutralised: neutralised + 1 };
    }
    lines.push(next.text);
    neutralised += next.neutralised;
    fence = next.fence;
  }
  if (fence === undefined) return { text: lines.join('\n'), neutralised };
  return { text: [...lines, fence.run].join('\n'), neutralised: neutralised + 1 };
}

function outside(line: string, addresses: Addresses): Inert & { fence: Fence | undefined } {
  const [, space = '', whole = '', info = ''] = OPENING.exec(line) ?? [];
  const run = whole.slice(0, RUN_CHARS_MAX);
  if (run === '' || (run.startsWith('`') && info.includes('`')))
    return { ...inertLine(line, addresses), fence: undefined };
  const word = info.trim();
  const isCode = word === '' || (INFO.test(word) && !DRAWN.has(word.toLowerCase()));
  return { text: `${run}${isCode ? word : ''}`, neutralised: isCode ? 0 : 1, fence: { run, indent: space.length } };
}

function inside(line: string, fence: Fence): Inert & { fence: Fence | undefined } {
  const bare = line.trim();
  const isClosing = bare.length >= fence.run.length && bare === fence.run.charAt(0).repeat(bare.length);
  if (isClosing) return { text: bare, neutralised: 0, fence: undefined };
  const own = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  return { text: line.slice(Math.min(own, fence.indent)), neutralised: 0, fence };
}
