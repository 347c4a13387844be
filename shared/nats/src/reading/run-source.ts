import type { RunId } from '@troupe/contract';
import type { StoredMessage } from '../bus/direct-get.ts';

/**
 * A place that runs are read from: the streams that they are written to, or those and the archive. All of them reject with
 * a sentence when their stream cannot be read.
 */
export interface RunSource {
  /** What is stored of a run from a sequence of its shard on, in the order of the log; nothing if there is no such run. */
  from(run: RunId, fromSeq: number): AsyncIterable<StoredMessage>;
  /** What the supervisor has told the user of a run: its result, the newest if there are several. */
  result(run: RunId): Promise<StoredMessage | undefined>;
  /** The first messages of all runs of one shard that were stored at or after `since` (Unix ms; 0: all). */
  beginnings(shard: number, since: number): AsyncIterable<StoredMessage>;
}
