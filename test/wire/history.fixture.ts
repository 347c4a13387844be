import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SAMPLES = join(import.meta.dirname, 'samples');
export const HISTORY = join(import.meta.dirname, 'history-1.jsonl');

/** One stored message: its place in the log's layout of today, and its bytes as they were written. */
export interface Line {
  subject: string;
  /** Unix ms at which it was stored. */
  at: number;
  base64: string;
}

/** A golden sample: the bytes as some version wrote them, and what they have to be read as for ever. */
export interface Sample {
  base64: string;
  value: unknown;
}

export const bytesOf = ({ base64 }: { base64: string }): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

export function readHistory(): Line[] {
  return readFileSync(HISTORY, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
