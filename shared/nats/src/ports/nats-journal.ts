import { type LogLayout, parseMessageId, parseRunSubject, type RunId, type RunRef, type Token } from '@troupe/contract';
import { type ActorScope, type Append, HistoryError, type Journal, type Stored, TransientError } from '@troupe/actor';
import { archivedPart } from '../archive/archive-parts.ts';
import type { BrokerClock } from '../bus/broker-clock.ts';
import { lastOn, type StoredMessage } from '../bus/direct-get.ts';
import type { Requests } from '../bus/request-channel.ts';
import { NatsAppend } from './nats-append.ts';
import { untilVisible } from './visible.ts';

/** Direct gets in flight while one actor is read. */
const READS_IN_FLIGHT = 64;

/**
 * The journal on the streams of the log's shards: see {@link Journal}. In a cluster a read may be answered by a server that
 * lags behind, which shows a beginning of the log: what is known to be there is read until it is seen (shared/README.md,
 * "Clusters").
 */
export class NatsJournal implements Journal {
  readonly #channel: Requests;
  readonly #layout: LogLayout;
  readonly #writing: NatsAppend;

  constructor(channel: Requests, layout: LogLayout, clock: BrokerClock) {
    this.#channel = channel;
    this.#layout = layout;
    this.#writing = new NatsAppend(channel, layout, clock);
  }

  append(append: Append, signal: AbortSignal): Promise<number> {
    return this.#writing.append(append, signal);
  }

  lastSeq(scope: ActorScope, to: Token): Promise<number> {
    return this.#writing.lastSeq(scope, to);
  }

  async sent(scope: ActorScope, fromOrdinal: number, seqMin = 0): Promise<Stored[]> {
    const isWhole = (last: StoredMessage | undefined) => (last?.seq ?? 0) >= seqMin;
    const last = await untilVisible(() => this.#last(scope.run, this.#layout.actor(scope)), isWhole);
    if (!isWhole(last))
      throw new TransientError(`the last messages of ${scope.role} in run ${scope.run} cannot be read yet`);
    if (last === undefined) return [];
    const newest = toStored(last);
    const end = newest.address.ordinal;
    const earlier: Stored[] = [];
    // In batches: an ordinal that somebody made up must not make this read, or allocate, a million at once.
    for (let start = fromOrdinal; start < end; start += READS_IN_FLIGHT) {
      const count = Math.min(READS_IN_FLIGHT, end - start);
      const batch = Array.from({ length: count }, (_, index) => this.#one(scope, start + index));
      earlier.push(...(await Promise.all(batch)));
    }
    return end >= fromOrdinal ? [...earlier, newest] : earlier;
  }

  async #one(scope: ActorScope, ordinal: number): Promise<Stored> {
    const found = await this.#last(scope.run, this.#layout.sent(scope, ordinal));
    // Retention or a server that lags behind: the log is not whole from here, so nothing may be decided on it.
    if (found === undefined)
      throw new TransientError(`message ${ordinal} of ${scope.role} in run ${scope.run} cannot be read`);
    return toStored(found);
  }

  async received(ref: RunRef, id: string, to: Token): Promise<Stored | undefined> {
    const parts = parseMessageId(id);
    if (parts === undefined) return undefined;
    const found = await this.#last(ref.run, this.#layout.received(ref, parts, to));
    return found && toStored(found);
  }

  async hasEnded(ref: RunRef): Promise<boolean> {
    return (await this.#last(ref.run, this.#layout.result(ref))) !== undefined;
  }

  async isArchived(ref: RunRef): Promise<boolean> {
    return (await archivedPart(this.#channel, ref, 0)) !== undefined;
  }

  #last(run: RunId, subject: string): Promise<StoredMessage | undefined> {
    return lastOn(this.#channel, this.#layout.streamOf(run), subject);
  }
}

function toStored({ subject, seq, at, bytes }: StoredMessage): Stored {
  const address = parseRunSubject(subject);
  if (address === undefined) throw new HistoryError(`${subject} is not the subject of a run message`);
  return { address, seq, at, bytes };
}
