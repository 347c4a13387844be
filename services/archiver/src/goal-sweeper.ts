import { atOnce } from './at-once.ts';

const DELETES_AT_ONCE = 32;
/** Goals that leave in one round. */
const SWEPT_MAX = 8_192;

/** A stream of goals and cancels. */
export interface GoalStore {
  /** Up to which sequence everything on a subject was acked, by the subjects that there are consumers for. */
  ackFloors(): Promise<ReadonlyMap<string, number>>;
  /** All that is there, in order. */
  read(): AsyncIterable<{ subject: string; seq: number }>;
  delete(seq: number): Promise<void>;
}

/**
 * Takes out of a stream of goals what was acked by the consumer that it is for: it is in the log of its run, or means no
 * run. What no consumer is for stays. Returns how many there were.
 */
export async function sweepGoals(store: GoalStore): Promise<number> {
  const floors = [...(await store.ackFloors())];
  const end = Math.max(0, ...floors.map(([, seq]) => seq));
  const acked: number[] = [];
  for await (const { subject, seq } of store.read()) {
    if (seq > end || acked.length === SWEPT_MAX) break;
    if (floors.some(([filter, floor]) => seq <= floor && isFor(filter, subject))) acked.push(seq);
  }
  await atOnce(acked, DELETES_AT_ONCE, (seq) => store.delete(seq));
  return acked.length;
}

/** Whether a consumer's filter, a subject with `*` for whole tokens at most, is for this subject. */
function isFor(filter: string, subject: string): boolean {
  const [wanted, tokens] = [filter.split('.'), subject.split('.')];
  return wanted.length === tokens.length && wanted.every((token, index) => token === '*' || token === tokens[index]);
}
