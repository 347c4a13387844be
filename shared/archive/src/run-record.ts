import {
  DEADLINE_MS_MAX,
  decode,
  idOfAddress,
  LATE_ANSWER_MS_MAX,
  LOG,
  MalformedError,
  type RunAddress,
  type RunRef,
  USER,
} from '@troupe/contract';
import type { LoggedMessage } from './frames.ts';

/** What is in the archive of a run. */
export interface Archived {
  parts: number;
  lastSeq: number;
  /** The chain's end: see `chain.ts`. */
  to: string;
}

/** What the archiver knows of one run that is still in its shard. */
export interface RunRecord extends RunRef {
  /** Sequences of its messages, ascending: they are deleted one by one. */
  seqs: number[];
  lastSeq: number;
  /** Unix ms at which the broker stored its newest message. */
  lastAt: number;
  /** The same of its result; undefined while it goes on. */
  endedAt: number | undefined;
  /** Messages that are not archived yet; undefined if there was no room for them: they are read again. */
  held: LoggedMessage[] | undefined;
  heldBytes: number;
  /** Messages to a role that it has not answered, with the time until which it may (Unix ms). */
  open: Map<string, number>;
  archived: Archived | undefined;
  /** Whether its first message here is the first that there was. Otherwise part of it may have left already. */
  isWhole: boolean;
  /** Somebody has to look at it: nothing that comes later makes it archived, or leave. */
  isAside: boolean;
}

export function newRecord({ tenant, run }: RunRef, firstSeq: number, isWhole: boolean): RunRecord {
  return {
    tenant,
    run,
    seqs: [],
    lastSeq: firstSeq,
    lastAt: 0,
    endedAt: undefined,
    held: [],
    heldBytes: 0,
    open: new Map(),
    archived: undefined,
    isWhole,
    isAside: false,
  };
}

/** Takes in the next message of a run; what is archived already is not held again. */
export function note(record: RunRecord, address: RunAddress, message: LoggedMessage): void {
  record.seqs.push(message.seq);
  record.lastSeq = message.seq;
  record.lastAt = message.at;
  if (address.to === USER) record.endedAt ??= message.at;
  const facts = factsOf(message.bytes);
  if (facts !== undefined) {
    record.open.delete(`${address.from} ${facts.cause}`);
    if (address.to !== USER && address.to !== LOG)
      record.open.set(
        `${address.to} ${idOfAddress(address)}`,
        // Who says a later deadline than there are must not keep the run in the log for ever.
        Math.min(facts.deadlineAt, message.at + DEADLINE_MS_MAX) + LATE_ANSWER_MS_MAX,
      );
  }
  if (message.seq <= (record.archived?.lastSeq ?? 0)) return;
  record.heldBytes += message.bytes.length;
  record.held?.push(message);
}

/** Whether nothing more is to be expected of a run: it has its result, and nobody still has to answer. */
export function isOver({ endedAt, open }: RunRecord, now: number): boolean {
  if (endedAt === undefined) return false;
  for (const until of open.values()) if (now <= until) return false;
  return true;
}

/** What of a message tells who waits for whom. One that cannot be read is answered by nobody. */
function factsOf(bytes: Uint8Array): { cause: string; deadlineAt: number } | undefined {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null || !('cause' in value) || !('budget' in value)) return undefined;
  const { cause, budget } = value;
  if (typeof cause !== 'string' || typeof budget !== 'object' || budget === null) return undefined;
  const deadlineAt = 'deadlineAt' in budget && typeof budget.deadlineAt === 'number' ? budget.deadlineAt : 0;
  return { cause, deadlineAt };
}
