import { cut } from '@troupe/contract';
import { terminalLine } from './terminal-text.ts';

/** The text on one line, safe for a terminal, cut at `charsMax` with "…". */
export function oneLine(text: string, charsMax: number = Number.POSITIVE_INFINITY): string {
  return cut(terminalLine(text), charsMax);
}

/** `1 claim`, `2 claims`, `1,234 claims`; `plural` for words that do more than add an "s". */
export function count(number: number, noun: string, plural: string = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`;
}

/** `4 ms`, `1.24 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
