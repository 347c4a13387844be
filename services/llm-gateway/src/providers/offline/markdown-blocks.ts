/** A paragraph or list item: the lines it is made of, each without its list mark and outer blanks. */
export interface Block {
  kind: 'paragraph' | 'item';
  lines: { text: string; number: number }[];
}

const FENCE = /^\s*(?:```|~~~)/;
const HEADING = /^\s{0,3}#{1,6}(?:\s|$)/;
const UNDERLINE = /^\s{0,3}(?:=+|-+)\s*$/;
const RULE = /^\s{0,3}(?:[-*_]\s*){3,}$/;
const ITEM = /^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?/;
const QUOTE = /^\s{0,3}(?:>\s?)+/;
const TABLE_ROW = /^\s*\||\S\s+\|\s+\S.*\s\|\s/;
const LINK_DEFINITION = /^\s{0,3}\[[^\]]+\]:\s+\S/;
const MARKUP_LINE = /^\s*<\/?[a-zA-Z!][^>]*>\s*$/;
const INDENTED = /^(?:\t| {4})/;

/**
 * The prose of a Markdown text: its paragraphs and list items with the number of every line, `firstLine` being the
 * first. Headings, code, tables, rules, link definitions and lone HTML tags are left out. A fence without an end
 * makes code of all that follows, as in Markdown.
 */
export function proseBlocks(text: string, firstLine: number): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let inFence = false;
  for (const [index, raw] of text.split('\n').entries()) {
    if (FENCE.test(raw)) inFence = !inFence;
    if (open?.kind === 'paragraph' && open.lines.length === 1 && UNDERLINE.test(raw)) blocks.pop();
    const line = raw.replace(QUOTE, '');
    const inItem: boolean = open?.kind === 'item' || (blocks.at(-1)?.kind === 'item' && INDENTED.test(raw));
    if (inFence || isNoProse(line) || (!open && !inItem && INDENTED.test(raw))) {
      open = undefined;
      continue;
    }
    const isItem = ITEM.test(line);
    if (!open || isItem) {
      open = { kind: isItem ? 'item' : 'paragraph', lines: [] };
      blocks.push(open);
    }
    open.lines.push({ text: line.replace(isItem ? ITEM : /^\s+/, '').trim(), number: firstLine + index });
  }
  return blocks;
}

function isNoProse(line: string): boolean {
  return (
    line.trim() === '' ||
    [FENCE, HEADING, UNDERLINE, RULE, TABLE_ROW, LINK_DEFINITION, MARKUP_LINE].some((pattern) => pattern.test(line))
  );
}
