import type { Addresses } from './addresses.ts';
import { destinationAt } from './destination.ts';
import { findAddresses } from './find-addresses.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A line whose Markdown does nothing that it may not, and how many places were changed for that. */
export interface Inert {
  text: string;
  neutralised: number;
}

/** A line without any of these means what it says; a citation alone does, too. */
const MAY_BE_ACTIVE = /[`<&[\]@\\{]|:\/\/|www\./i;
const CITATION = /\[\d{1,4}\](?![[(:{])/g;

/** What a block may begin with: only behind this a reference definition can stand. */
const BLOCK_START = /^(?:[\s>*+-]|\d{1,9}[.)])*/;

/**
 * One line of Markdown outside of code blocks, with everything that could be active as text: HTML, images, links that
 * may not be, reference definitions, attributes, bare addresses. What stays is written so that no reader can take it
 * for something else: a code span is closed in its line, and a backtick that is none is an entity. Linear.
 */
export function inertLine(line: string, addresses: Addresses): Inert {
  return MAY_BE_ACTIVE.test(line.replaceAll(CITATION, ''))
    ? new Line(line, addresses).inert()
    : { text: line, neutralised: 0 };
}

interface Opener {
  place: number;
  isImage: boolean;
  /** A definition may begin here. */
  isFirst: boolean;
  /** Links hold no links: what was open around one is text. */
  isActive: boolean;
}

class Line {
  readonly #line: string;
  readonly #addresses: Addresses;
  readonly #tokens: readonly Token[];
  readonly #bare: ReadonlyMap<number, Bare>;
  readonly #blockStart: number;
  readonly #out: string[] = [];
  readonly #openers: Opener[] = [];
  #neutralised = 0;
  #addressEnd = -1;

  constructor(line: string, addresses: Addresses) {
    this.#line = line;
    this.#addresses = addresses;
    this.#tokens = tokensOf(line);
    this.#bare = bareAddresses(this.#tokens);
    this.#blockStart = BLOCK_START.exec(line)?.[0].length ?? 0;
  }

  inert(): Inert {
    for (let index = 0; index < this.#tokens.length;) index = this.#take(index);
    // An image that is not closed: a careless reader would close it with the next link.
    for (const { place, isImage } of this.#openers) if (isImage) this.#changeAt(place, '&#33;[');
    return { text: this.#out.join(''), neutralised: this.#neutralised };
  }

  /** Writes what the token becomes; returns the next one. */
  #take(index: number): number {
    const token = this.#tokens[index];
    if (token === undefined) return this.#tokens.length;
    const bare = this.#bare.get(index);
    if (bare !== undefined) return this.#address(bare, token);
    switch (token.kind) {
      case 'code':
        this.#code(token.raw);
        return index + 1;
      case 'open':
      case 'image':
        this.#open(token);
        return index + 1;
      case 'close':
        return this.#close(token, index);
      case 'text':
        this.#text(token, index);
        return index + 1;
    }
  }

  #change(text: string): void {
    this.#neutralised += 1;
    this.#out.push(text);
  }

  #changeAt(place: number, text: string): void {
    this.#neutralised += 1;
    this.#out[place] = text;
  }

  /** Two spans that touch would be one of another kind. */
  #code(raw: string): void {
    if (this.#out.at(-1)?.endsWith('`') === true) this.#out.push(' ');
    this.#out.push(raw);
  }

  #shown(shown: string): void {
    this.#neutralised += 1;
    if (shown === '') return;
    // A backslash in front would take the backtick for a literal one.
    if (this.#out.at(-1) === '\\') this.#out.push('\\');
    this.#code(`\`${shown}\``);
  }

  #address({ until, address }: Bare, { at }: Token): number {
    const judged = this.#addresses.link(address);
    const raw = this.#line.slice(at, this.#tokens[until - 1]?.end);
    if (!judged.ok) this.#shown(judged.shown);
    else if (raw === address && (judged.href === address || !address.includes('://'))) this.#out.push(raw);
    else this.#change(`[${judged.href}](${judged.href})`);
    this.#addressEnd = this.#out.length;
    return until;
  }

  #open({ raw, kind, at }: Token): void {
    this.#openers.push({
      place: this.#out.length,
      isImage: kind === 'image',
      isFirst: at <= this.#blockStart,
      isActive: true,
    });
    this.#out.push(raw);
  }

  #close({ at, end }: Token, index: number): number {
    const opener = this.#openers.pop();
    const next = this.#line.charAt(end);
    if (next === '(') return this.#link(at, index, opener);
    if (next !== ':' || opener?.isFirst === false) {
      this.#out.push(']');
      return index + 1;
    }
    this.#change(String.raw`]\:`);
    return index + 2;
  }

  #link(at: number, index: number, opener: Opener | undefined): number {
    const destination = destinationAt(this.#line, at + 1);
    const next = destination === undefined ? undefined : this.#tokenFrom(index + 1, destination.end);
    if (opener === undefined || !opener.isActive || destination === undefined || next === undefined) {
      this.#change(String.raw`]\(`);
      return index + 2;
    }
    const { address, end } = destination;
    const judged = opener.isImage ? this.#addresses.image(address) : this.#addresses.link(address);
    if (judged.ok) this.#allowed(judged.href, opener, this.#line.slice(at, end));
    else this.#refused(judged.shown, opener);
    return next;
  }

  #allowed(href: string, opener: Opener, raw: string): void {
    const text = `](${href})`;
    if (text === raw) this.#out.push(text);
    else this.#change(text);
    if (opener.isImage) return;
    for (const outer of this.#openers) outer.isActive = outer.isActive && outer.isImage;
  }

  #refused(shown: string, opener: Opener): void {
    const text = this.#out.slice(opener.place + 1).join('');
    // A citation stays one.
    const isCitation = !opener.isImage && /^\d{1,4}$/.test(text);
    this.#out[opener.place] = isCitation ? '[' : '';
    this.#out.push(isCitation ? '] (' : ' (');
    this.#shown(shown);
    this.#out.push(')');
  }

  /** The token that begins at a place of the line; undefined if a code span or an entity lies across it. */
  #tokenFrom(from: number, place: number): number | undefined {
    let index = from;
    while ((this.#tokens[index]?.at ?? Infinity) < place && this.#tokens[index]?.kind !== 'code') index += 1;
    const at = this.#tokens[index]?.at ?? this.#line.length;
    return at === place ? index : undefined;
  }

  #text({ raw, end }: Token, index: number): void {
    if (raw.startsWith('`')) this.#change('&#96;'.repeat(raw.length));
    else if (raw === '\\`') this.#change('&#96;');
    else if (raw === String.raw`\<` || (raw === '<' && this.#mayBeTag(end, index)))
      // An entity right behind an address would be read as a part of it.
      this.#change(this.#out.length === this.#addressEnd ? ' &lt;' : '&lt;');
    // Attribute lists of some readers stand in braces, behind code or with a colon.
    else if (raw === '{' && (this.#line.charAt(end) === ':' || this.#out.at(-1)?.endsWith('`') === true))
      this.#change('&#123;');
    else this.#out.push(raw);
  }

  /** No tag begins with a space, an equals sign or the end of the line. */
  #mayBeTag(end: number, index: number): boolean {
    return this.#bare.has(index + 1) || !/^(?:[ \t=]|$)/.test(this.#line.charAt(end));
  }
}

/** An address in the text: the token behind it, and what it says. */
interface Bare {
  until: number;
  address: string;
}

/** The bare addresses by their first token. They are looked for in what is read: escapes and entities hide none. */
function bareAddresses(tokens: readonly Token[]): Map<number, Bare> {
  const bare = new Map<number, Bare>();
  const owners: number[] = [];
  let read = '';
  for (const [index, { kind, text, raw }] of tokens.entries()) {
    // Brackets and code spans end an address: what stands behind them is looked at by itself. An entity ends none.
    const piece = kind !== 'text' ? '\0' : text !== raw && /[\s<>\0]/.test(text) ? raw : text;
    read += piece;
    for (let unit = 0; unit < piece.length; unit += 1) owners.push(index);
  }
  for (const { start, end, address } of findAddresses(read))
    bare.set(owners[start] ?? 0, { until: (owners[end - 1] ?? 0) + 1, address });
  return bare;
}
