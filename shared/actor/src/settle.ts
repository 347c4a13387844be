import { MalformedError } from '@troupe/contract';
import { ConflictError, TransientError } from './ports.ts';

/** What becomes of a delivery. A4: this is the only place that decides it. */
export type Fate =
  | { kind: 'done' }
  | { kind: 'retry'; reason: string; defect: boolean }
  /** Never again: the message goes to `DEAD` with the reason. */
  | { kind: 'dead'; reason: string };

/** Deliveries of one message before it is called poison: crashes count too, so it is far above any rollout. */
export const DELIVERIES_MAX = 100;
/** Failures that are nobody's absence (a bug, a broken invariant) before a message is called poison. */
export const DEFECTS_MAX = 5;

/** Decides the fate of a delivery from what went wrong, if anything did. `defects` counts earlier ones in this process. */
export function fateOf(error: unknown, deliveries: number, defects: number): Fate {
  if (error === undefined) return { kind: 'done' };
  if (error instanceof MalformedError) return { kind: 'dead', reason: `malformed: ${error.message}` };
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
  if (deliveries >= DELIVERIES_MAX) return { kind: 'dead', reason: `after ${deliveries} deliveries: ${reason}` };
  if (error instanceof TransientError || error instanceof ConflictError)
    return { kind: 'retry', reason, defect: false };
  if (defects + 1 >= DEFECTS_MAX) return { kind: 'dead', reason: `after ${defects + 1} failures: ${reason}` };
  return { kind: 'retry', reason, defect: true };
}
