import type { Stored } from '@troupe/audit';
import { parseRunSubject, USER } from '@troupe/contract';

/**
 * For each time at which something was done to the servers (Unix ms) and each run that was under way: how long it took
 * until the run's next message was stored, in ms. A run is under way from its first message to its result. Pure.
 */
export function resumesAfter(logs: ReadonlyMap<string, readonly Stored[]>, times: readonly number[]): number[] {
  return [...logs.values()].flatMap((stored) => {
    const end = stored.findIndex(({ subject }) => parseRunSubject(subject)?.to === USER);
    const run = end < 0 ? stored : stored.slice(0, end + 1);
    const begun = run[0]?.storedAt ?? Infinity;
    return times.flatMap((time) => {
      const next = run.find(({ storedAt }) => storedAt > time);
      return next === undefined || begun > time ? [] : [next.storedAt - time];
    });
  });
}
