import { readTranscript } from '@troupe/archive';
import { parseRunSubject, type RunRef, USER } from '@troupe/contract';
import type { Asks, StoredMessage } from '../bus/direct-get.ts';
import { archivedParts } from './archive-parts.ts';

/**
 * What is archived of a run, proved, in the order of its log; empty if it is not archived. `tenant` may be "*" for who
 * knows the run's ID alone. Throws BrokenArchiveError with what is wrong.
 */
export async function archivedLog(asks: Asks, { tenant, run }: RunRef): Promise<StoredMessage[]> {
  const parts = await archivedParts(asks, { tenant, run });
  // The server found it under the subject that it has.
  const [, , owner = tenant] = parts[0]?.subject.split('.') ?? [];
  return readTranscript(
    { tenant: owner, run },
    parts.map(({ bytes }) => bytes),
  ).log;
}

/** The result in a log: the newest message to the user. */
export const resultIn = (log: readonly StoredMessage[]): StoredMessage | undefined =>
  log.findLast(({ subject }) => parseRunSubject(subject)?.to === USER);
