import type { Outline } from './outline.ts';

/** A paragraph, list, table or fenced code with the heading right above it. Line indexes from 0, both included. */
export interface Block {
  first: number;
  last: number;
  isFence: boolean;
}

/** Splits a document at blank lines, headings and breaks. A heading stays with what follows it: alone it answers nothing. */
export function blocksOf(lines: readonly string[], outline: Outline): Block[] {
  const blocks: Block[] = [];
  let open: { first: number; last: number; hasBody: boolean } | undefined;
  const close = (): void => {
    if (open !== undefined) blocks.push({ first: open.first, last: open.last, isFence: false });
    open = undefined;
  };
  for (let index = 0; index < lines.length; index += 1) {
    const fenceEnd = outline.fences.get(index);
    const isBlank = (lines[index] ?? '').trim() === '';
    const isHeading = outline.headings.has(index);
    const isAfterBody = open?.hasBody === true;
    if (isHeading || (isAfterBody && (isBlank || fenceEnd !== undefined || outline.breaks.has(index)))) close();
    if (fenceEnd !== undefined) {
      blocks.push({ first: open?.first ?? index, last: fenceEnd, isFence: true });
      open = undefined;
      index = fenceEnd;
    } else if (!isBlank) {
      open ??= { first: index, last: index, hasBody: false };
      open.last = index;
      if (!isHeading && !outline.underlines.has(index)) open.hasBody = true;
    }
  }
  close();
  return blocks;
}
