import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { type RunRef, STREAMS, subjects, type Token } from '@troupe/contract';
import { deleteStored } from '../broker/delete-stored.ts';
import type { Bus } from '../bus/connect.ts';
import { asksOver } from '../bus/direct-get.ts';
import { archivedPart } from './archive-parts.ts';

const NS_PER_MS = 1_000_000;
const RUNS_AT_ONCE = 32;

/** How full a stream is. */
export interface Fill {
  stream: string;
  messages: number;
  bytes: number;
  /** -1: no bound. */
  bytesMax: number;
}

/** The streams of an installation, in the order of their names. */
export async function fillOf(admin: Bus): Promise<Fill[]> {
  const manager = await jetstreamManager(admin.nc, { timeout: 10_000 });
  const fills: Fill[] = [];
  for await (const { config, state } of manager.streams.list())
    fills.push({ stream: config.name, messages: state.messages, bytes: state.bytes, bytesMax: config.max_bytes });
  return fills.toSorted((one, other) => one.stream.localeCompare(other.stream));
}

/** A run of the archive, and where its parts are. */
export interface ArchivedRun extends RunRef {
  /** Sequences of its parts, the first part first. */
  seqs: number[];
}

/**
 * The runs that were archived before `before` (Unix ms by the broker), the oldest first. Of each message the server sends
 * the subject alone: this reads no transcript.
 */
export async function archivedBefore(admin: Bus, before: number, tenant: Token | '*' = '*'): Promise<ArchivedRun[]> {
  const runs = new Map<string, ArchivedRun>();
  const consumer = await jetstream(admin.nc).consumers.get(STREAMS.archive, {
    filter_subjects: [subjects.archiveOf(tenant)],
    headers_only: true,
  });
  if ((await consumer.info()).num_pending === 0) return [];
  const messages = await consumer.consume();
  for await (const { subject, seq, info } of messages) {
    if (info.timestampNanos / NS_PER_MS >= before) break;
    const [, , owner = '', run = ''] = subject.split('.');
    const known = runs.get(`${owner} ${run}`) ?? { tenant: owner, run, seqs: [] };
    known.seqs.push(seq);
    runs.set(`${owner} ${run}`, known);
    if (info.pending === 0) break;
  }
  await messages.close();
  return [...runs.values()];
}

/** Erases runs from the archive: they are overwritten. Of each the last part first, so that it may be cut off and run again. */
export async function eraseArchived(admin: Bus, runs: readonly ArchivedRun[]): Promise<void> {
  const manager = await jetstreamManager(admin.nc, { timeout: 10_000 });
  const waiting = runs.values();
  const worker = async () => {
    for (const run of waiting) await eraseRun(admin, manager, run);
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, worker));
}

async function eraseRun(admin: Bus, manager: JetStreamManager, { tenant, run, seqs }: ArchivedRun): Promise<void> {
  const asks = asksOver(admin.nc);
  const all = [...seqs];
  // A part that came after the time in question belongs to its run.
  for (;;) {
    const later = await archivedPart(asks, { tenant, run }, all.length);
    if (later === undefined) break;
    all.push(later.seq);
  }
  for (const seq of all.toReversed()) await deleteStored(manager, STREAMS.archive, seq);
}
