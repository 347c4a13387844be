import { BrokenArchiveError, decodePart, type Transcript } from '@troupe/archive';
import { type RunId, STREAMS, subjects } from '@troupe/contract';
import type { Bus } from '../bus/connect.ts';
import { asksOver, type StoredMessage } from '../bus/direct-get.ts';
import { archivedTranscript, resultIn } from '../archive/archived-log.ts';
import { readStored } from './read-batch.ts';

/** A part may have hundreds of kilobytes: so many of them are read at once. */
const BATCH = 64;

/** The stream that runs go to when they are over, `ARCHIVE`. Rejects with a sentence when it cannot be read. */
export class ArchivedRuns {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** What is archived of a run, proved, in the order of its log. Throws BrokenArchiveError with what is wrong. */
  async log(run: RunId): Promise<StoredMessage[]> {
    return (await this.transcript(run)).log;
  }

  async transcript(run: RunId): Promise<Transcript> {
    try {
      return await archivedTranscript(asksOver(this.#bus.nc), { tenant: '*', run });
    } catch (error) {
      if (error instanceof BrokenArchiveError) throw error;
      throw new Error(`The stream ${STREAMS.archive} cannot be read: ${String(error)}.`, { cause: error });
    }
  }

  async result(run: RunId): Promise<StoredMessage | undefined> {
    return resultIn(await this.log(run));
  }

  /** The first messages of runs that were archived from a sequence of the archive on. What is broken is left out. */
  async *beginnings(fromSeq: number): AsyncGenerator<StoredMessage> {
    const query = { stream: STREAMS.archive, subject: subjects.archivedBeginnings, fromSeq, batch: BATCH };
    for await (const { bytes } of readStored(this.#bus, query)) {
      const first = firstIn(bytes);
      if (first !== undefined) yield first;
    }
  }
}

function firstIn(bytes: Uint8Array): StoredMessage | undefined {
  try {
    return decodePart(bytes).log[0];
  } catch (error) {
    if (error instanceof BrokenArchiveError) return undefined;
    throw error;
  }
}
