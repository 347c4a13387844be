import { Tokenizer } from 'htmlparser2';
import type { TokenizerCallbacks } from 'htmlparser2';
import { HEADING_CHARS_MAX } from './outline.ts';
import type { Outline } from './outline.ts';

const HIDDEN = new Set(['script', 'style', 'template', 'svg', 'noscript', 'iframe', 'object', 'textarea', 'select']);
const HEADING = /^(?:title|h[1-6])$/;
/** Parts of a list, table or address: words apart from each other, but one passage together. */
const PARTS = new Set([
  'li',
  'tr',
  'td',
  'th',
  'dt',
  'dd',
  'br',
  'thead',
  'tbody',
  'tfoot',
  'caption',
  'option',
  'img',
]);
const INLINE = new Set(
  'a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

/**
 * The text of an HTML document, on the lines of the file where it stands, so that citations point into the file.
 * A tokenizer and not a parser: a parser's stack of open elements is quadratic in hostile nesting.
 */
export function htmlText(source: string): { lines: string[]; outline: Outline } {
  const reader = new HtmlReader(source);
  const tokenizer = new Tokenizer({ decodeEntities: true }, callbacksOf(reader, source));
  tokenizer.write(source);
  tokenizer.end();
  return reader.finish();
}

function callbacksOf(reader: HtmlReader, source: string): TokenizerCallbacks {
  const ignore = (): void => {};
  return {
    ontext: (start, end) => reader.text(start, source.slice(start, end)),
    // A line break written as an entity is not a line break of the file.
    ontextentity: (codePoint, end) => reader.text(end - 1, String.fromCodePoint(codePoint).replace(/[\r\n]/, ' ')),
    onopentagname: (start, end) => reader.open(start, source.slice(start, end).toLowerCase()),
    onclosetag: (start, end) => reader.close(source.slice(start, end).toLowerCase()),
    onselfclosingtag: () => reader.selfClose(),
    onopentagend: ignore,
    oncdata: ignore,
    oncomment: ignore,
    ondeclaration: ignore,
    onprocessinginstruction: ignore,
    onattribdata: ignore,
    onattribentity: ignore,
    onattribend: ignore,
    onattribname: ignore,
    onend: ignore,
  };
}

interface Heading {
  name: string;
  line: number;
  text: string;
}

class HtmlReader {
  readonly #source: string;
  readonly #lines: string[];
  readonly #headings = new Map<number, string>();
  readonly #breaks = new Set<number>();
  #line = 0;
  #lineEnd: number;
  #lastLineWithText = -1;
  #pending: 'nothing' | 'space' | 'break' = 'nothing';
  #hidden: { name: string; depth: number } | undefined;
  #heading: Heading | undefined;
  #opened = '';

  constructor(source: string) {
    this.#source = source;
    this.#lines = source.split('\n').map(() => '');
    this.#lineEnd = source.indexOf('\n');
  }

  /** Text that starts at `start` of the source. */
  text(start: number, text: string): void {
    if (this.#hidden !== undefined) return;
    const first = this.#lineOf(start);
    for (const [offset, part] of text.split('\n').entries()) {
      this.#put(first + offset, part);
      if (this.#heading !== undefined) this.#putHeading(this.#heading, first + offset, offset > 0 ? ` ${part}` : part);
    }
  }

  open(start: number, name: string): void {
    this.#opened = name;
    if (this.#hidden?.name === name) this.#hidden.depth += 1;
    if (this.#hidden !== undefined) return;
    if (HIDDEN.has(name)) this.#hidden = { name, depth: 1 };
    this.#separate(name);
    if (HEADING.test(name)) {
      this.#endHeading();
      this.#heading = { name, line: this.#lineOf(start), text: '' };
    }
  }

  close(name: string): void {
    if (this.#hidden?.name === name) {
      this.#hidden.depth -= 1;
      if (this.#hidden.depth === 0) this.#hidden = undefined;
    }
    if (this.#hidden !== undefined) return;
    this.#separate(name);
    if (this.#heading?.name === name) this.#endHeading();
  }

  /** "<svg/>" hides nothing; for every other element HTML ignores the slash. */
  selfClose(): void {
    if (this.#opened === 'svg') this.close('svg');
  }

  finish(): { lines: string[]; outline: Outline } {
    this.#endHeading();
    const lines = this.#lines.map((line) => line.replace(/\s+/g, ' ').trim());
    return {
      lines,
      outline: { headings: this.#headings, underlines: new Set(), breaks: this.#breaks, fences: new Map() },
    };
  }

  #separate(name: string): void {
    if (INLINE.has(name)) return;
    if (this.#heading !== undefined) extend(this.#heading, ' ');
    if (!PARTS.has(name)) this.#pending = 'break';
    else if (this.#pending === 'nothing') this.#pending = 'space';
  }

  #put(line: number, text: string): void {
    const isBlank = text.trim() === '';
    let gap = '';
    if (this.#pending !== 'nothing' && !isBlank) {
      // Blocks that share a line share a passage; on a line of its own a block starts one.
      if (this.#lastLineWithText === line) gap = ' ';
      else if (this.#pending === 'break') this.#breaks.add(line);
      this.#pending = 'nothing';
    }
    if (!isBlank) this.#lastLineWithText = line;
    this.#lines[line] += gap + text;
  }

  #putHeading(heading: Heading, line: number, text: string): void {
    if (heading.text.trim() === '') heading.line = line;
    extend(heading, text);
  }

  #endHeading(): void {
    const heading = this.#heading;
    this.#heading = undefined;
    const text = heading?.text.replace(/\s+/g, ' ').trim() ?? '';
    if (heading !== undefined && text !== '') this.#headings.set(heading.line, text);
  }

  /** Positions only grow, so the count goes on from the last one. */
  #lineOf(position: number): number {
    while (this.#lineEnd !== -1 && this.#lineEnd < position) {
      this.#line += 1;
      this.#lineEnd = this.#source.indexOf('\n', this.#lineEnd + 1);
    }
    return this.#line;
  }
}

/** Bounded at once: a heading that is never closed would otherwise grow with the document. */
function extend(heading: Heading, text: string): void {
  heading.text = (heading.text + text).slice(0, HEADING_CHARS_MAX);
}
