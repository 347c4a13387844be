import type { Stored } from '@troupe/audit';
import { parseRunSubject, USER } from '@troupe/contract';

export interface Stall {
  ms: number;
  /** The message that was waited for. */
  where: string;
}

/**
 * The longest time between two messages of one run until its result, by the broker's clock: what comes later is a
 * mark that nobody waits for. Pure.
 */
export function longestStall(logs: ReadonlyMap<string, readonly Stored[]>): Stall {
  let longest: Stall = { ms: 0, where: '' };
  for (const stored of logs.values()) {
    for (const [index, { subject, storedAt }] of stored.entries()) {
      const ms = storedAt - (stored[index - 1]?.storedAt ?? storedAt);
      if (ms > longest.ms) longest = { ms, where: `before ${subject}` };
      if (parseRunSubject(subject)?.to === USER) break;
    }
  }
  return longest;
}
