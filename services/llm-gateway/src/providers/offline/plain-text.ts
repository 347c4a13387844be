const IMAGE = /!\[[^\]]*\]\([^)]*\)/g;
const LINK = /\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])/g;
/** Footnotes and citation numbers of the document's own, which would read as ours. */
const NOTE_MARK = /\s*\[\^?\d{1,3}\]|\s*\[\^[\w-]+\]/g;
const HTML_TAG = /<\/?(?:a|b|br|code|details|div|em|i|img|kbd|p|span|strong|sub|summary|sup|u)(?:\s[^>]*)?\/?>/gi;
const STRONG = /(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g;
const EMPHASIS = /(?<![\w*])([*_])(?=\S)([^*_]+?)(?<=\S)\1(?![\w*])/g;

/** Longer texts keep their markup: matching pairs of marks takes time that grows with the square of the length. */
const MARKUP_CHARS_MAX = 4_000;

/** A piece of Markdown prose without its markup, on one line. Words and their order stay as they are. */
export function plainText(markdown: string): string {
  if (markdown.length > MARKUP_CHARS_MAX) return oneLine(markdown);
  const bare = markdown
    .replace(IMAGE, '')
    .replace(LINK, '$1')
    .replace(NOTE_MARK, '')
    .replace(HTML_TAG, '')
    .replace(STRONG, '$2')
    .replace(EMPHASIS, '$2')
    .replaceAll('`', '');
  return oneLine(bare);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
