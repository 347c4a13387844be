import type { Stored } from '@troupe/audit';

export interface Stall {
  ms: number;
  /** The run, and the message that was waited for. */
  where: string;
}

/** The longest time between two messages of one run, by the broker's clock. Pure. */
export function longestStall(logs: ReadonlyMap<string, readonly Stored[]>): Stall {
  let longest: Stall = { ms: 0, where: '' };
  for (const stored of logs.values()) {
    stored.forEach(({ subject, storedAt }, index) => {
      const ms = storedAt - (stored[index - 1]?.storedAt ?? storedAt);
      if (ms > longest.ms) longest = { ms, where: `before ${subject}` };
    });
  }
  return longest;
}
