import { cut, type Evidence } from '@troupe/contract';
import { visible } from './invisible.ts';

/** Characters of a path in the list of sources. */
const PATH_CHARS_MAX = 160;

/** A path that Markdown has no other use for. */
const ORDINARY = /^(?!.*(?:www\.|[ /.-]_|_[ /.-]))[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_ ./-]*[\p{L}\p{N}])?$/iu;

/** `path:12-14`, or `path:12` for one line. One line, whatever the path is. */
function formatPassage({ path, startLine, endLine }: Pick<Evidence, 'path' | 'startLine' | 'endLine'>): string {
  const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
  return `${formatPath(path)}:${lines}`;
}

/** A path as text: an ordinary one as it is, any other in a code span, with what would end that written as `%XX`. */
function formatPath(path: string): string {
  const { text } = visible(path);
  const line = text.replaceAll(/\s/g, ' ');
  const short = cut(line, PATH_CHARS_MAX);
  if (ORDINARY.test(short)) return short;
  const safe = short.replaceAll('`', '%60').replaceAll('|', '%7C');
  return `\`${safe.trim() === '' ? '?' : safe}\``;
}

/** Begins the list of sources; what stands in front of it is the report. */
export const SOURCES_HEADING = '\n## Sources\n\n';

/** The list of sources as it stands behind the report; empty without sources. */
export function sourceList(sources: readonly Evidence[]): string {
  if (sources.length === 0) return '';
  const lines = sources.map((source, index) => `[${index + 1}] ${formatPassage(source)}`);
  return `${SOURCES_HEADING}${lines.join('\n')}\n`;
}
