import type { Source } from '@troupe/contract';

const MARK = /\[(\d{1,4})\]/g;

/** The numbers cited in a text, in order of first use, each once. Code fences and link texts are not special. */
export function citedNumbers(markdown: string): number[] {
  return [...new Set([...markdown.matchAll(MARK)].map(([, digits]) => Number(digits)))];
}

/**
 * Renumbers citations by first use and keeps only the sources that are cited, each once, so that `[n]` is
 * `sources[n - 1]`. Marks of numbers that have no source (none is there, or it is undefined) are taken out and returned
 * as `unknown`.
 */
export function renumber(
  markdown: string,
  sources: readonly (Source | undefined)[],
): { markdown: string; sources: Source[]; unknown: number[] } {
  const { text, unknown } = withoutUnknown(markdown, (number) => sources[number - 1] !== undefined);
  const used: Source[] = [];
  const places = new Map<number, number>();
  for (const number of citedNumbers(text)) {
    const source = sources[number - 1];
    if (source === undefined) continue;
    const place = used.indexOf(source) + 1;
    places.set(number, place > 0 ? place : used.push(source));
  }
  const renumbered = text.replaceAll(MARK, (mark, digits: string) => `[${places.get(Number(digits)) ?? mark}]`);
  return { markdown: renumbered, sources: used, unknown };
}

/** Takes out marks that point to no source, until none is left: what stood around one may form another. */
function withoutUnknown(markdown: string, isKnown: (number: number) => boolean): { text: string; unknown: number[] } {
  const unknown = new Set<number>();
  let text = markdown;
  for (let before = ''; before !== text;) {
    before = text;
    text = before.replaceAll(MARK, (mark, digits: string) => {
      const number = Number(digits);
      if (isKnown(number)) return mark;
      unknown.add(number);
      return '';
    });
  }
  return { text, unknown: [...unknown] };
}
