import { EVIDENCE_MAX, TOOL_CONTENT_CHARS_MAX } from '@troupe/contract';
import type { Evidence } from '@troupe/contract';
import type { CorpusDocument } from '../corpus/corpus.ts';
import { clipPassage } from '../corpus/passages.ts';

const LINES_MAX = 200;
/** Room for what stands around the text in the content: keys, numbers, notes and EVIDENCE_MAX line ranges. */
const FRAME_CHARS = 1_800;

export interface Excerpt {
  /** Numbered lines. */
  text: string;
  /** The last line of `text`; startLine - 1 of a document without lines. */
  endLine: number;
  evidence: Evidence[];
  /** Whether the only line shown is so long that its end is missing. */
  isCut: boolean;
}

/** As many lines from `startLine` to `endLine` as fit into one output, with all passages that are in them as evidence. */
export function excerpt(document: CorpusDocument, startLine: number, endLine: number): Excerpt {
  const lastWanted = Math.min(endLine, startLine + LINES_MAX - 1, lastLineOfEvidence(document, startLine));
  const { shown, isCut } = numberedLines(document, startLine, lastWanted);
  const lastLine = startLine + shown.length - 1;
  const text = shown.join('\n');
  const evidence = document.passages
    .filter((passage) => passage.startLine <= lastLine && passage.endLine >= startLine)
    .flatMap((passage) => clipPassage(passage, startLine, lastLine, document.lines) ?? [])
    .filter((passage) => !isCut || text.includes(passage.text))
    .slice(0, EVIDENCE_MAX)
    .map((passage) => ({
      path: passage.path,
      startLine: passage.startLine,
      endLine: passage.endLine,
      text: passage.text,
    }));
  return { text, endLine: lastLine, evidence, isCut };
}

/** Where reading has to stop so that every passage read is also evidence; at least the first line is read. */
function lastLineOfEvidence(document: CorpusDocument, startLine: number): number {
  const first = document.passages.findIndex((passage) => passage.endLine >= startLine);
  const tooMany = first === -1 ? undefined : document.passages[first + EVIDENCE_MAX];
  return tooMany === undefined ? Infinity : Math.max(startLine, tooMany.startLine - 1);
}

function numberedLines(
  { path, lines }: CorpusDocument,
  startLine: number,
  endLine: number,
): { shown: string[]; isCut: boolean } {
  const shown: string[] = [];
  let charsLeft = TOOL_CONTENT_CHARS_MAX - FRAME_CHARS - JSON.stringify(path).length;
  for (let line = startLine; line <= endLine; line += 1) {
    const numbered = `${line}: ${lines[line - 1] ?? ''}`;
    // A line that is too long as it is need not be quoted to see it.
    const chars = numbered.length > charsLeft ? Infinity : charsInJson(numbered);
    if (chars > charsLeft)
      return shown.length > 0 ? { shown, isCut: false } : { shown: [cut(numbered, charsLeft)], isCut: true };
    charsLeft -= chars;
    shown.push(numbered);
  }
  return { shown, isCut: false };
}

/** What a line adds to the content, where quotes and control characters take more room; its "\n" takes as much as its quotes. */
function charsInJson(line: string): number {
  return JSON.stringify(line).length;
}

function cut(line: string, charsMax: number): string {
  let length = charsMax;
  while (charsInJson(line.slice(0, length)) > charsMax) length = Math.floor(length * 0.9);
  return line.slice(0, length);
}
