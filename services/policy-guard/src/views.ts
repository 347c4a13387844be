import { isInvisible, isPlain } from './invisible.ts';

/** A text as somebody might read it. */
export interface View {
  text: string;
  /** What it was made from, piece by piece; undefined for the original. */
  made?: { from: View; pieces: readonly Piece[] };
}

/** From `at` on, a view stands for the units `start` to `end` of what it was made from: the same, or another form. */
interface Piece {
  at: number;
  start: number;
  end: number;
  isSame: boolean;
}

/** The place in the original that the units from `start` to `end` of a view come from. */
export function originOf({ made }: View, start: number, end: number): { start: number; end: number } {
  if (made === undefined) return { start, end };
  const first = pieceAt(made.pieces, start);
  const last = pieceAt(made.pieces, end - 1);
  return originOf(
    made.from,
    first === undefined ? 0 : first.start + (first.isSame ? start - first.at : 0),
    last === undefined ? 0 : last.isSame ? last.start + end - last.at : last.end,
  );
}

/** The piece that a unit belongs to, by halving. */
function pieceAt(pieces: readonly Piece[], unit: number): Piece | undefined {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((pieces[middle]?.at ?? Infinity) <= unit) low = middle;
    else high = middle - 1;
  }
  return pieces[low];
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
  readonly #from: View;
  readonly #texts: string[] = [];
  readonly #pieces: Piece[] = [];
  #at = 0;
  #done = 0;
  constructor(from: View) {
    this.#from = from;
  }
  /** `form` stands for the units `start` to `end`; what is between it and the one before stays the same. */
  put(form: string, start: number, end: number): void {
    this.#push(this.#from.text.slice(this.#done, start), this.#done, start, true);
    this.#push(form, start, end, false);
    this.#done = end;
  }
  view(): View {
    const { length } = this.#from.text;
    if (this.#done === 0) return this.#from;
    this.#push(this.#from.text.slice(this.#done), this.#done, length, true);
    return { text: this.#texts.join(''), made: { from: this.#from, pieces: this.#pieces } };
  }
  #push(text: string, start: number, end: number, isSame: boolean): void {
    if (text === '') return;
    this.#texts.push(text);
    this.#pieces.push({ at: this.#at, start, end, isSame });
    this.#at += text.length;
  }
}

const MARK = /^\p{M}+$/u;

function normalised(view: View): View {
  if (isPlain(view.text)) return view;
  const result = new Derived(view);
  let at = 0;
  for (const character of view.text) {
    const end = at + character.length;
    const form = normalForm(character);
    if (form !== character) result.put(form, at, end);
    at = end;
  }
  return result.view();
}

function normalForm(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (isInvisible(code)) return '';
  if (code < 0x80) return character;
  const form = character.normalize('NFKC');
  return MARK.test(form) ? '' : form;
}

/** A view in which each place that `pattern` finds is replaced; the same view if none is. */
function replaced(view: View, pattern: RegExp, form: (found: string) => string | undefined): View {
  const result = new Derived(view);
  for (const { 0: found, index } of view.text.matchAll(pattern)) {
    const replacement = form(found);
    if (replacement !== undefined) result.put(replacement, index, index + found.length);
  }
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
