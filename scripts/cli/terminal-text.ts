import { stripVTControlCharacters } from 'node:util';

/** A line of text may end in any of these; a terminal or an editor breaks it there. */
const LINE_ENDS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;
/**
 * What is not seen but does something: control characters (C0, C1), what turns the direction of writing, what has no
 * width, and tags. Joiners stay where they belong: in emoji, and in scripts whose letters join.
 */
const UNSEEN =
  /(?![\n\t])\p{Cc}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]]])[\u200c\u200d]/gv;

/**
 * Text that may come from anybody, made safe for a terminal: it moves no cursor, colours nothing, sets no title, and
 * reads in the order in which it is written. Lines and tabs stay. All that the commands say goes through it.
 */
export function terminalText(text: string): string {
  return stripVTControlCharacters(text.replace(LINE_ENDS, '\n')).replace(UNSEEN, '');
}

/** The same on one line, for what is a part of a line: a name, a title, a reason. */
export function terminalLine(text: string): string {
  return terminalText(text).replace(/\s+/g, ' ').trim();
}

/** JSON that is safe for a terminal and loses nothing: what is not seen is written as escapes. */
export function terminalJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent)
    .replace(UNSEEN, escaped)
    .replace(/[\u2028\u2029]/g, escaped);
}

const escaped = (unseen: string): string =>
  Array.from(
    { length: unseen.length },
    (_, unit) => `\\u${unseen.charCodeAt(unit).toString(16).padStart(4, '0')}`,
  ).join('');
