/** Control characters of text from models and documents could steer the reader's terminal. */
const CONTROL = /\p{Cc}/gu;
const CONTROL_BUT_LINES = /(?![\n\t])\p{Cc}/gu;

/** The text on one line, without control characters, cut at `charsMax` with "…". */
export function oneLine(text: string, charsMax: number = Number.POSITIVE_INFINITY): string {
  const line = text.replace(/\s+/g, ' ').replace(CONTROL, '').trim();
  return line.length <= charsMax ? line : `${line.slice(0, Math.max(0, charsMax - 1)).trimEnd()}…`;
}

/** A text of several lines without control characters. */
export function plainLines(text: string): string {
  return text.replace(CONTROL_BUT_LINES, '');
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
