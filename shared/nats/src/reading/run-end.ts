import { type MessageOf, QUOTE_CHARS_MAX, cut, type RunId, USER } from '@troupe/contract';
import type { LogEntry } from './log-entry.ts';

/**
 * How a run ended. A result that cannot be read is an end too: nothing follows it, and whoever waited for another
 * would wait for ever.
 */
export type RunEnd =
  | { kind: 'readable'; message: MessageOf<'run.ended'> }
  /** `reason` says in a sentence that the run ended and what is wrong with its result. `endedAt` in Unix ms. */
  | { kind: 'unreadable'; run: RunId; endedAt: number; reason: string };

/** The end of its run that an entry of the log is, undefined if it is none: only the supervisor writes to the user. */
export function endOf({ run, to, storedAt, read }: LogEntry): RunEnd | undefined {
  if (to !== USER) return undefined;
  if (read.ok && read.message.type === 'run.ended') return { kind: 'readable', message: read.message };
  const wrong = read.ok ? `it is a ${read.message.type}` : read.reason;
  return { kind: 'unreadable', run, endedAt: storedAt, reason: unreadable(wrong) };
}

/** What is said of a result that cannot be read. */
export const unreadable = (wrong: string): string =>
  `The run has ended, but its result cannot be read: ${cut(wrong, QUOTE_CHARS_MAX)}`;
