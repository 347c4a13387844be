import { type RunId, runsStream, subjects } from '@troupe/contract';
import type { Bus } from '../bus/connect.ts';
import { asksOver, lastOn, type StoredMessage } from '../bus/direct-get.ts';
import { readDistinct, readStored } from './read-batch.ts';
import type { RunSource } from './run-source.ts';

/** The streams that runs are written to, `RUNS_<k>`. */
export class LiveRuns implements RunSource {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  from(run: RunId, fromSeq: number): AsyncGenerator<StoredMessage> {
    const { layout } = this.#bus;
    return readDistinct(this.#bus, { stream: layout.streamOf(run), subject: layout.runOfAnybody(run), fromSeq });
  }

  async result(run: RunId): Promise<StoredMessage | undefined> {
    const { nc, layout } = this.#bus;
    const stream = layout.streamOf(run);
    try {
      return await lastOn(asksOver(nc), stream, layout.result({ tenant: '*', run }));
    } catch (error) {
      throw new Error(`The stream ${stream} cannot be read: ${String(error)}.`, { cause: error });
    }
  }

  beginnings(shard: number, since: number): AsyncGenerator<StoredMessage> {
    const query = { stream: runsStream(shard), subject: subjects.beginnings(shard), fromSeq: 1 };
    return readStored(this.#bus, since > 0 ? { ...query, fromTime: since } : query);
  }
}
