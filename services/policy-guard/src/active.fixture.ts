// A second opinion on what is active in a Markdown text, made another way than the guard: by stripping code and then
// looking for anything at all that some reader might act on. Stricter than any reader.

/** Everything in a document that could do something. `hosts` may be linked to. */
export function activeIn(markdown: string, hosts: readonly string[] = []): string[] {
  const text = withoutCode(markdown);
  const unescaped = text.replaceAll(/\\[!-/:-@[-`{-~]/g, '·');
  return [
    ...every(/<[^\s=]/g, unescaped),
    ...every(/!\[[^\n]*?\]\(/g, unescaped),
    ...every(/\]\([^)\n]*\)?/g, unescaped).filter((link) => !isTo(link.slice(2, -1), hosts)),
    ...every(/^[\s>*+-]*(?:\d+[.)])?\s*\[[^\]\n]*\]:/gm, unescaped),
    ...every(/`/g, unescaped),
    ...every(/\{:|¤\{/g, unescaped),
    ...bareIn(text).filter((address) => !isTo(address, hosts)),
    ...bareIn(readForm(text)).filter((address) => !isTo(address, hosts)),
    // Signs that stand in front of Arabic and Kaithi numbers are of the class of controls, and seen.
    ...every(
      /[^\P{C}\n\t\u200c\u200d\p{Co}\p{Cn}\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/gu,
      markdown,
    ),
  ];
}

/** Code blocks, which begin at the margin, and code spans, which end in their line. */
function withoutCode(markdown: string): string {
  const kept: string[] = [];
  let fence = '';
  for (const line of markdown.split('\n')) {
    const run = /^(`{3,}|~{3,})([^`]*)$/.exec(line);
    if (fence !== '') {
      if (run?.[1]?.startsWith(fence) === true && run[2]?.trim() === '') fence = '';
    } else if (run === null) kept.push(line.replaceAll(/(?<!`)(`+)(?!`)([^|\n]*?)(?<!`)\1(?!`)/g, '¤'));
    else fence = run[1] ?? '';
  }
  if (fence !== '') kept.push('`');
  return kept.join('\n');
}

const WEB = /[a-z][a-z0-9+.-]*:\/\/[^\s<>\])]*[\p{L}\p{N}]/giu;

/** What looks like an address; `www.` and `@` may stand in the path of another one. */
function bareIn(text: string): string[] {
  const rest = text.replaceAll(WEB, ' ');
  return [
    ...every(WEB, text),
    ...every(/(?<![a-z0-9])www\.[^\s<>\])]*[\p{L}\p{N}]/giu, rest),
    ...every(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, rest),
  ];
}

/** What a reader sees of a text: without escapes and entities. */
const readForm = (text: string): string =>
  text
    .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')
    .replaceAll(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0xffff)))
    .replaceAll(/&#x([0-9a-f]{1,5});/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&colon;', ':')
    .replaceAll('&sol;', '/')
    .replaceAll('&period;', '.')
    .replaceAll('&commat;', '@');

function isTo(address: string, hosts: readonly string[]): boolean {
  if (/^#[\w-]*$/.test(address)) return true;
  const [, host] = /^(?:https?:\/\/|www\.|(?:mailto:)?[\w.+-]+@)([\w.-]*)/i.exec(address) ?? [];
  return host !== undefined && hosts.includes(host.replace(/\.$/, '').toLowerCase()) && !/:\/\/[^/]*@/.test(address);
}

const every = (pattern: RegExp, text: string): string[] => text.match(pattern) ?? [];
