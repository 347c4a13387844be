import type { RunId } from '@troupe/contract';

/** A goal whose plan takes longer than this has failed: the log knows of every older run. */
const PLANNING_MS_MAX = 600_000;

/**
 * Whether a run may exist that has nothing in the log yet, because its plan is being asked for: its ID is a UUIDv7
 * (RFC 9562) whose timestamp is at most ten minutes old. `now` in Unix ms.
 */
export function mayBePlanning(run: RunId, now: number): boolean {
  if (run[14] !== '7') return false;
  const at = Number.parseInt(run.replaceAll('-', '').slice(0, 12), 16);
  return at > now - PLANNING_MS_MAX && at < now + PLANNING_MS_MAX;
}
