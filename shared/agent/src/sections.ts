import type { Evidence } from '@troupe/contract';

/** A prompt's text: one section per pair of title and content, in order; those without content are left out. */
export function sections(parts: readonly (readonly [title: string, content: string])[]): string {
  return parts
    .filter(([, content]) => content.trim() !== '')
    .map(([title, content]) => `## ${title}\n${content.trim()}`)
    .join('\n\n');
}

/** One item a line. */
export const listed = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');

/** A source as a model is shown it: `[n] path, lines a–b`, and what stands there. */
export function numbered({ number, path, startLine, endLine, text }: Evidence & { number: number }): string {
  return `[${number}] ${path}, lines ${startLine}–${endLine}\n${text}`;
}
