import type { Transcript } from '@troupe/archive';
import { INTAKE, parseRunSubject, type RunId, USER } from '@troupe/contract';
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
    if (isGoingOn(live)) return yield* live;
    const archived = await this.#archived.log(run);
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
    for await (const first of this.#live.from(run, 1)) return isBeginning(first);
    return false;
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

/** It has its beginning and no result: nothing of it has left. */
function isGoingOn(live: readonly StoredMessage[]): boolean {
  const [first] = live;
  if (first === undefined || !isBeginning(first)) return false;
  return !live.some(({ subject }) => parseRunSubject(subject)?.to === USER);
}

function isBeginning({ subject }: StoredMessage): boolean {
  const address = parseRunSubject(subject);
  return address?.from === INTAKE && address.ordinal === 0;
}
