import { BrokenArchiveError } from '@troupe/archive';
import { type RunRef, STREAMS, subjects } from '@troupe/contract';
import { lastOn, type Asks, type StoredMessage } from '../bus/direct-get.ts';

/** Parts of one run: each holds hundreds of kilobytes, or what came late within minutes, so that no run comes near it. */
const PARTS_MAX = 1_000;

/**
 * The stored parts of what was archived of a run, in order; none if it is not archived. `tenant` may be "*" for who knows
 * the run's ID alone.
 */
export async function archivedParts(channel: Asks, ref: RunRef): Promise<StoredMessage[]> {
  const parts: StoredMessage[] = [];
  while (parts.length < PARTS_MAX) {
    const part = await archivedPart(channel, ref, parts.length);
    if (part === undefined) return parts;
    parts.push(part);
  }
  throw new BrokenArchiveError(`the archive of run ${ref.run} has ${PARTS_MAX} parts or more`);
}

export function archivedPart(channel: Asks, ref: RunRef, part: number): Promise<StoredMessage | undefined> {
  return lastOn(channel, STREAMS.archive, subjects.archived(ref, part));
}
