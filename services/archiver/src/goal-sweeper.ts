import { atOnce } from './at-once.ts';

const DELETES_AT_ONCE = 32;
/** Goals that leave in one round. */
const SWEPT_MAX = 8_192;

/** A stream of goals and cancels. */
export interface GoalStore {
  /** The oldest sequence that is there, and the one up to which everybody who reads the stream has acked. */
  settled(): Promise<{ first: number; upTo: number }>;
  delete(seq: number): Promise<void>;
}

/**
 * Takes out of a stream of goals what was taken in: it is in the log of its run, as its first message. Returns how many
 * sequences it went through.
 */
export async function sweepGoals(store: GoalStore): Promise<number> {
  const { first, upTo } = await store.settled();
  const count = Math.min(SWEPT_MAX, upTo - first + 1);
  if (count <= 0) return 0;
  const seqs = Array.from({ length: count }, (_, index) => first + index);
  await atOnce(seqs, DELETES_AT_ONCE, (seq) => store.delete(seq));
  return count;
}
