import {
  type Archived,
  chainStart,
  encodePart,
  type LoggedMessage,
  partsOf,
  readTranscript,
  type RunRecord,
} from '@troupe/archive';
import { TransientError } from '@troupe/actor';
import type { RunRef } from '@troupe/contract';

/** A message of the archive, or of a shard, as it is stored. */
type StoredBytes = Pick<LoggedMessage, 'bytes'>;

/** What archiving one run needs of the broker. Rejects with TransientError when it should be tried again. */
export interface ArchiveStore {
  write(ref: RunRef, part: number, bytes: Uint8Array): Promise<'stored' | 'taken'>;
  part(ref: RunRef, part: number): Promise<StoredBytes | undefined>;
  parts(ref: RunRef): Promise<StoredBytes[]>;
}

/** The archive says otherwise than the log: one of them was changed. Nothing of the run may leave. */
export class DifferentArchiveError extends Error {
  override name = 'DifferentArchiveError';
}

/**
 * Writes what is not archived of a run, in parts that go on with its chain, and reads each back before it counts. `log`
 * holds all messages of the run that are in its shard, or those that are not archived. Who archives the same run at the
 * same time finds the place taken, and goes on behind what is there. Nothing is ever taken back: that a run is not in the
 * log any more may mean that another archiver has let it go.
 */
export async function archiveRun(
  store: ArchiveStore,
  record: Pick<RunRecord, 'tenant' | 'run' | 'archived'>,
  log: readonly LoggedMessage[],
): Promise<Archived> {
  const ref = { tenant: record.tenant, run: record.run };
  let archived = record.archived ?? { parts: 0, lastSeq: 0, to: chainStart(ref) };
  for (;;) {
    const { parts: part, lastSeq, to: from } = archived;
    const [rest] = partsOf(log.filter(({ seq }) => seq > lastSeq));
    if (rest === undefined) return archived;
    const { header, bytes } = encodePart(ref, { part, from }, rest);
    if ((await store.write(ref, part, bytes)) === 'taken') {
      archived = await alreadyArchived(store, ref, log, part);
      continue;
    }
    const stored = await store.part(ref, part);
    if (stored === undefined || !Buffer.from(stored.bytes).equals(bytes))
      throw new TransientError(`part ${part} of run ${ref.run} cannot be read back`);
    archived = { parts: part + 1, lastSeq: header.lastSeq, to: header.to };
  }
}

/**
 * What the archive has of a run, or undefined: proved, and compared with what of `log` it should hold.
 * @throws DifferentArchiveError, BrokenArchiveError with what is wrong.
 */
export async function findArchived(
  store: ArchiveStore,
  { tenant, run }: RunRef,
  log: readonly LoggedMessage[],
): Promise<Archived | undefined> {
  const stored = await store.parts({ tenant, run });
  if (stored.length === 0) return undefined;
  const transcript = readTranscript(
    { tenant, run },
    stored.map(({ bytes }) => bytes),
  );
  const bySeq = new Map(transcript.log.map((message) => [message.seq, message]));
  const lastSeq = transcript.log.at(-1)?.seq ?? 0;
  for (const { seq, subject, bytes } of log) {
    if (seq > lastSeq) continue;
    const there = bySeq.get(seq);
    if (there === undefined || there.subject !== subject || !Buffer.from(there.bytes).equals(bytes))
      throw new DifferentArchiveError(`the archive of run ${run} does not hold message ${seq} of its log`);
  }
  return { parts: transcript.parts, lastSeq, to: transcript.to };
}

async function alreadyArchived(
  store: ArchiveStore,
  ref: RunRef,
  log: readonly LoggedMessage[],
  part: number,
): Promise<Archived> {
  const found = await findArchived(store, ref, log);
  // A follower of a cluster may lag behind what refused the write.
  if (found === undefined || found.parts <= part)
    throw new TransientError(`part ${part} of run ${ref.run} is there and cannot be read`);
  return found;
}
