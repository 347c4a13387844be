/** What of a document's structure matters for cutting it into passages. Numbers are line indexes from 0. */
export interface Outline {
  /** A heading's first line and its text. */
  readonly headings: ReadonlyMap<number, string>;
  /** Lines that belong to a heading without being text: the underline of a setext heading. */
  readonly underlines: ReadonlySet<number>;
  /** Lines that start a new block although no blank line stands before them. */
  readonly breaks: ReadonlySet<number>;
  /** Fenced code: first line to last line. */
  readonly fences: ReadonlyMap<number, number>;
}

export const PLAIN: Outline = { headings: new Map(), underlines: new Set(), breaks: new Set(), fences: new Map() };

/** Longer lines are never headings; also keeps the patterns below from seeing lines of megabytes. */
export const HEADING_CHARS_MAX = 300;
