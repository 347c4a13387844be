import { BrokenArchiveError, type Transcript } from '@troupe/archive';
import { INTAKE, parseRunSubject, type RunId } from '@troupe/contract';
import type { Bus } from '../bus/connect.ts';
import type { StoredMessage } from '../bus/direct-get.ts';
import { ArchivedRuns } from './archived-runs.ts';
import { LiveRuns } from './live-runs.ts';
import type { RunSource } from './run-source.ts';

/** Runs wherever they are: in their shard, in the archive, or in both while they leave. Nobody need know which. */
export class AllRuns implements RunSource {
  readonly #live: LiveRuns;
  readonly #archived: ArchivedRuns;

  constructor(bus: Bus) {
    this.#live = new LiveRuns(bus);
    this.#archived = new ArchivedRuns(bus);
  }

  async *from(run: RunId, fromSeq: number): AsyncGenerator<StoredMessage> {
    // The log first: what leaves it meanwhile is in the archive already.
    const live: StoredMessage[] = [];
    for await (const message of this.#live.from(run, fromSeq)) live.push(message);
    const archived = await this.#archived.log(run).catch((error: unknown) => {
      // What is whole in the log needs no archive.
      if (!(error instanceof BrokenArchiveError) || !beginsIn(live)) throw error;
      return [];
    });
    const last = archived.at(-1)?.seq ?? 0;
    yield* archived.filter(({ seq }) => seq >= fromSeq);
    yield* live.filter(({ seq }) => seq > last);
  }

  async result(run: RunId): Promise<StoredMessage | undefined> {
    return (await this.#live.result(run)) ?? (await this.#archived.result(run));
  }

  beginnings(shard: number, since: number): AsyncIterable<StoredMessage> {
    return this.#live.beginnings(shard, since);
  }

  /** Whether all of a run is in its shard: the oldest message leaves first. */
  async isInLog(run: RunId): Promise<boolean> {
    return (await this.first(run)) !== undefined;
  }

  /** The first message of a run, if that is in its shard. */
  async first(run: RunId): Promise<StoredMessage | undefined> {
    for await (const first of this.#live.from(run, 1)) return beginsIn([first]) ? first : undefined;
    return undefined;
  }

  /** What of a run is in the archive, proved. */
  archived(run: RunId): Promise<Transcript> {
    return this.#archived.transcript(run);
  }

  /** The first messages of runs that were archived from a sequence of the archive on. */
  archivedBeginnings(fromSeq: number): AsyncIterable<StoredMessage> {
    return this.#archived.beginnings(fromSeq);
  }
}

/** Whether the first of these is the first that there was. */
function beginsIn([first]: readonly StoredMessage[]): boolean {
  const address = first && parseRunSubject(first.subject);
  return address?.from === INTAKE && address.ordinal === 0;
}
