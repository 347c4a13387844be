import { isInvisible, isPlain } from './invisible.ts';

/** A text as somebody might read it, and where in the original each of its UTF-16 units comes from. */
export interface View {
  text: string;
  /** Undefined: unit `i` is unit `i` of the original. */
  origin?: { starts: number[]; ends: number[] };
}

/** The place in the original that the units from `start` to `end` of a view come from. */
export function originOf({ origin }: View, start: number, end: number): { start: number; end: number } {
  if (origin === undefined) return { start, end };
  return { start: origin.starts[start] ?? 0, end: origin.ends[end - 1] ?? 0 };
}

/** How often an encoding inside an encoding is followed. */
const DECODINGS_MAX = 3;

/**
 * The ways to read a text in which a secret may hide: as it is; normalised (NFKC, nothing invisible); without Markdown
 * and tags in between; decoded (percent, entities, backslashes, soft breaks); with broken lines joined.
 */
export function viewsOf(text: string): View[] {
  let view = normalised({ text });
  const views = [view, withoutMarkup(view)];
  for (let round = 0; round < DECODINGS_MAX; round += 1) {
    const next = decoded(view);
    if (next === view) break;
    view = normalised(next);
    views.push(view, withoutMarkup(view));
  }
  const last = views.at(-1) ?? view;
  return [...new Set([...views, joined(last)])];
}

/** Collects the pieces of a view that is made from another one. */
class Derived {
  text = '';
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #from: View;
  constructor(from: View) {
    this.#from = from;
  }
  /** `piece` stands for the units `start` to `end`. */
  push(piece: string, start: number, end: number): void {
    const { start: first, end: last } = originOf(this.#from, start, end);
    this.text += piece;
    for (let unit = 0; unit < piece.length; unit += 1) {
      this.#starts.push(first);
      this.#ends.push(last);
    }
  }
  /** The units `start` to `end` as they are. */
  copy(start: number, end: number): void {
    const { text, origin } = this.#from;
    this.text += text.slice(start, end);
    for (let unit = start; unit < end; unit += 1) {
      this.#starts.push(origin?.starts[unit] ?? unit);
      this.#ends.push(origin?.ends[unit] ?? unit + 1);
    }
  }
  view(): View {
    return { text: this.text, origin: { starts: this.#starts, ends: this.#ends } };
  }
}

const MARK = /^\p{M}+$/u;

function normalised(view: View): View {
  if (isPlain(view.text)) return view;
  const result = new Derived(view);
  let at = 0;
  for (const character of view.text) {
    const code = character.codePointAt(0) ?? 0;
    const end = at + character.length;
    if (code < 0x80 && !isInvisible(code)) result.push(character, at, end);
    else if (!isInvisible(code)) {
      const form = character.normalize('NFKC');
      if (!MARK.test(form)) result.push(form, at, end);
    }
    at = end;
  }
  return result.view();
}

/** A view in which each place that `pattern` finds is replaced; the same view if none is. */
function replaced(view: View, pattern: RegExp, form: (found: string) => string | undefined): View {
  let result: Derived | undefined;
  let done = 0;
  for (const match of view.text.matchAll(pattern)) {
    const [found] = match;
    const replacement = form(found);
    if (replacement === undefined) continue;
    result ??= new Derived(view);
    result.copy(done, match.index);
    done = match.index + found.length;
    result.push(replacement, match.index, done);
  }
  if (result === undefined) return view;
  result.copy(done, view.text.length);
  return result.view();
}

/** Emphasis, code marks, brackets and tags: what disappears when the text is shown. Underscores belong to keys. */
const withoutMarkup = (view: View): View => replaced(view, /[*~`\\[\]]+|<[^<>\n]{0,200}>/g, () => '');

/** A line broken inside a word of a key. */
const joined = (view: View): View => replaced(view, /(?<=[\w+/=.-])[ \t]*\n[ \t>]*(?=[\w+/=.-])/g, () => '');

const ENCODED =
  /%[0-9a-f]{2}|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,15});?|=\r?\n|\\(?:u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|x[0-9a-f]{2}|[!-/:-@[-`{-~])/gi;

const decoded = (view: View): View => replaced(view, ENCODED, plainOf);

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  bsol: '\\',
  colon: ':',
  commat: '@',
  dash: '-',
  equals: '=',
  excl: '!',
  gt: '>',
  hyphen: '-',
  lowbar: '_',
  lpar: '(',
  lsqb: '[',
  lt: '<',
  nbsp: ' ',
  newline: '\n',
  num: '#',
  percnt: '%',
  period: '.',
  plus: '+',
  quot: '"',
  rpar: ')',
  rsqb: ']',
  semi: ';',
  shy: '',
  sol: '/',
  tab: '\t',
  verbar: '|',
  zerowidthspace: '',
  zwj: '',
  zwnj: '',
};

/** What an escape stands for; undefined if it stands for itself. */
export function plainOf(found: string): string | undefined {
  if (found.startsWith('%')) {
    const code = Number.parseInt(found.slice(1), 16);
    return code < 0x80 ? String.fromCharCode(code) : undefined;
  }
  if (found.startsWith('=')) return '';
  if (found.startsWith('\\')) {
    const digits = /^\\(?:u|x)\{?([0-9a-f]+)\}?$/i.exec(found)?.[1];
    return digits === undefined ? found.slice(1) : characterOf(Number.parseInt(digits, 16));
  }
  const name = found.slice(1).replace(/;$/, '').toLowerCase();
  if (name.startsWith('#x')) return characterOf(Number.parseInt(name.slice(2), 16));
  if (name.startsWith('#')) return characterOf(Number(name.slice(1)));
  return Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
}

const characterOf = (code: number): string => (code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\uFFFD');
