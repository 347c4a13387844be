/** The longest path that evidence can name (`Passage` of the contract). */
const PATH_CHARS_MAX = 1_024;
/**
 * Control characters, line separators, and characters that are not seen or turn the direction of what follows: a path
 * is shown to people and models. The two joiners are part of how some languages are written.
 */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/u;
const UNSHOWABLES = new RegExp(UNSHOWABLE, 'gu');
/** What the system's bytes become where they are not UTF-8: nothing could open the file by such a name. */
const NOT_UTF8 = '\uFFFD';

/** Names that are nobody's documents. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

/** Why a path cannot be that of a document, as a phrase. */
export function faultOfPath(path: string): string | undefined {
  if (path.includes(NOT_UTF8)) return 'has a name that is not UTF-8';
  if (path.length > PATH_CHARS_MAX) return `has a path of over ${PATH_CHARS_MAX} characters`;
  if (UNSHOWABLE.test(path)) return 'has a name with control or invisible characters';
  return undefined;
}

/** A path as it may be shown and kept in a list: on one line, with nothing hidden in it, and bounded. */
export function shownPath(path: string): string {
  const shown = path.length > PATH_CHARS_MAX ? `${path.slice(0, PATH_CHARS_MAX - 1)}…` : path;
  return shown.toWellFormed().replace(UNSHOWABLES, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
