import { likeness } from './rank.ts';
import { stems } from './terms.ts';

/** A sentence of a report and the numbers of the sources that it rests on. */
export interface Statement {
  text: string;
  numbers: number[];
}

const SAME_LIKENESS = 0.85;
/** The share of a sentence's words that the passages it cites have to hold between them. */
const SUPPORT_MIN = 0.5;

/** Statements of which no two say the same; what was said twice keeps the sources of both. */
export function withoutRepeats(statements: readonly Statement[]): Statement[] {
  const kept: (Statement & { stems: ReadonlySet<string> })[] = [];
  for (const { text, numbers } of statements) {
    const own = new Set(stems(text));
    const same = kept.find((other) => likeness(other.stems, own) >= SAME_LIKENESS);
    if (same) same.numbers = [...new Set([...same.numbers, ...numbers])];
    else kept.push({ text, numbers: [...numbers], stems: own });
  }
  return kept.map(({ text, numbers }) => ({ text, numbers }));
}

/** Whether the cited passages hold enough of a sentence's words to be its source. */
export function isSupported(text: string, passages: readonly string[]): boolean {
  const own = new Set(stems(text));
  const held = new Set(passages.flatMap((passage) => stems(passage)));
  let common = 0;
  for (const stem of own) if (held.has(stem)) common += 1;
  return own.size === 0 || common / own.size >= SUPPORT_MIN;
}

/** A statement as a sentence of the report: its marks stand before its full stop. */
export function cited({ text, numbers }: Statement): string {
  const bare = text.trim().replace(/[.\s]+$/, '');
  const marks = numbers.map((number) => `[${number}]`).join('');
  const stop = /[!?]$/.exec(bare)?.[0];
  return stop === undefined ? `${bare} ${marks}.` : `${bare.slice(0, -1)} ${marks}${stop}`;
}
