import { readTranscript, type Transcript } from '@troupe/archive';
import { parseRunSubject, type RunRef, USER } from '@troupe/contract';
import type { Asks, StoredMessage } from '../bus/direct-get.ts';
import { archivedParts } from './archive-parts.ts';

/** What is archived of a run, proved, in the order of its log: see {@link archivedTranscript}. */
export async function archivedLog(asks: Asks, ref: RunRef): Promise<StoredMessage[]> {
  return (await archivedTranscript(asks, ref)).log;
}

/**
 * All that is archived of a run, proved; empty if it is not archived. `tenant` may be "*" for who knows the run's ID
 * alone. Throws BrokenArchiveError with what is wrong.
 */
export async function archivedTranscript(asks: Asks, { tenant, run }: RunRef): Promise<Transcript> {
  const parts = await archivedParts(asks, { tenant, run });
  // The server found it under the subject that it has.
  const [, , owner = tenant] = parts[0]?.subject.split('.') ?? [];
  return readTranscript(
    { tenant: owner, run },
    parts.map(({ bytes }) => bytes),
  );
}

/** The result in a log: the newest message to the user. */
export const resultIn = (log: readonly StoredMessage[]): StoredMessage | undefined =>
  log.findLast(({ subject }) => parseRunSubject(subject)?.to === USER);
