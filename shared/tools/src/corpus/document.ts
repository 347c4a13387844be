import { extname } from 'node:path';
import type { CorpusDocument } from './corpus.ts';
import { htmlText } from './html-text.ts';
import { markdownOutline } from './markdown-outline.ts';
import { PLAIN } from './outline.ts';
import type { Outline } from './outline.ts';
import { passagesOf } from './passages.ts';

export type Format = 'markdown' | 'text' | 'html';

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['.md', 'markdown'],
  ['.markdown', 'markdown'],
  ['.txt', 'text'],
  ['.text', 'text'],
  ['.html', 'html'],
  ['.htm', 'html'],
]);

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The format that a file's name promises, or undefined if it is none that is read. */
export function formatOf(path: string): Format | undefined {
  return FORMATS.get(extname(path).toLowerCase());
}

/** Decoded bytes of a document, or undefined if they are not UTF-8 text. A byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** How many lines a text has, or one more: what an editor shows for a last line without text. */
export function lineCountOf(text: string): number {
  let lines = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || (code === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED)) lines += 1;
  }
  return lines;
}

/** A document of the corpus made from a file's text. Lines end with LF, CRLF or CR. */
export function documentOf(path: string, format: Format, text: string): CorpusDocument {
  const source = text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  const { lines, outline } = read(format, source);
  return { path, lines, passages: passagesOf(path, lines, outline) };
}

function read(format: Format, source: string): { lines: string[]; outline: Outline } {
  if (source === '') return { lines: [], outline: PLAIN };
  if (format === 'html') return htmlText(source);
  const lines = source.split('\n');
  return { lines, outline: format === 'markdown' ? markdownOutline(lines) : PLAIN };
}
