import { HEADING_CHARS_MAX } from './outline.ts';
import type { Outline } from './outline.ts';

const ATX = /^ {0,3}#{1,6}(?:[ \t]+(.*))?$/;
const CLOSING_MARKS = /[ \t]+#+[ \t]*$/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
/** Lists, quotes, tables and indented code: a rule below them is a rule, not the underline of a heading. */
const NOT_A_PARAGRAPH = /^(?: {4}|\t|\s*(?:[-*+>|#]|\d+[.)]))/;

/** Headings (ATX and one-line setext) and fenced code of a Markdown document; front matter is left as plain text. */
export function markdownOutline(lines: readonly string[]): Outline {
  const headings = new Map<number, string>();
  const underlines = new Set<number>();
  const fences = new Map<number, number>();
  for (let index = frontMatterEnd(lines); index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const fenceEnd = endOfFence(lines, index);
    if (fenceEnd !== undefined) {
      fences.set(index, fenceEnd);
      index = fenceEnd;
    } else if (line.length <= HEADING_CHARS_MAX && ATX.test(line)) {
      headings.set(index, (ATX.exec(line)?.[1] ?? '').replace(CLOSING_MARKS, '').trim());
    } else if (isUnderlined(lines, index)) {
      headings.set(index, line.trim());
      underlines.add(index + 1);
    }
  }
  return { headings, underlines, breaks: new Set(), fences };
}

function frontMatterEnd(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  return end + 1;
}

/** The last line of the fenced code that starts here; a fence that is never closed reaches to the end, as in CommonMark. */
function endOfFence(lines: readonly string[], first: number): number | undefined {
  const [, marks, info] = FENCE.exec(lines[first] ?? '') ?? [];
  if (marks === undefined || (marks.startsWith('`') && info?.includes('`') === true)) return undefined;
  for (let index = first + 1; index < lines.length; index += 1) {
    const [, closing, rest] = FENCE.exec(lines[index] ?? '') ?? [];
    if (closing?.startsWith(marks) === true && rest?.trim() === '') return index;
  }
  return lines.length - 1;
}

function isUnderlined(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? '';
  const before = lines[index - 1] ?? '';
  return (
    line.trim() !== '' &&
    before.trim() === '' &&
    line.length <= HEADING_CHARS_MAX &&
    !NOT_A_PARAGRAPH.test(line) &&
    isShort(lines[index + 1]) &&
    UNDERLINE.test(lines[index + 1] ?? '')
  );
}

function isShort(line: string | undefined): boolean {
  return line !== undefined && line.length <= HEADING_CHARS_MAX;
}
