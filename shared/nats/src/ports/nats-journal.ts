import { type LogLayout, parseMessageId, parseRunSubject, type RunId, type RunRef, type Token } from '@troupe/contract';
import {
  type ActorScope,
  type Append,
  ConflictError,
  HistoryError,
  type Journal,
  type Stored,
  TransientError,
} from '@troupe/actor';
import { archivedPart } from '../archive/archive-parts.ts';
import type { BrokerClock } from '../bus/broker-clock.ts';
import { lastOn, type StoredMessage } from '../bus/direct-get.ts';
import { Expectation } from '../bus/expectation.ts';
import { readPublishAck } from '../bus/publish-ack.ts';
import type { RequestChannel } from '../bus/request-channel.ts';

/** How often an append whose outcome is unknown is repeated before the whole delivery is tried again. */
const APPENDS_MAX = 20;
const APPEND_PAUSE_MS = 250;
/** Direct gets in flight while one actor is read. */
const READS_IN_FLIGHT = 64;

/** The journal on the streams of the log's shards: see {@link Journal}. */
export class NatsJournal implements Journal {
  readonly #channel: RequestChannel;
  readonly #layout: LogLayout;
  readonly #clock: BrokerClock;

  constructor(channel: RequestChannel, layout: LogLayout, clock: BrokerClock) {
    this.#channel = channel;
    this.#layout = layout;
    this.#clock = clock;
  }

  async append({ scope, address, bytes, expectedSeq }: Append, signal: AbortSignal): Promise<number> {
    const subject = this.#layout.message(address);
    const expectation = new Expectation(this.#layout.actor(scope), expectedSeq);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const sent = this.#clock.local();
        const ack = readPublishAck(await this.#channel.request(subject, bytes, expectation));
        if (ack.kind === 'unexpected') return await this.#ownEarlierAppend(address.run, subject, bytes);
        if (this.#clock.wantsSample()) await this.#sample(address.run, subject, sent);
        return ack.seq;
      } catch (error) {
        // The answer may have cost a model call: hold on to it through a restart of the server.
        if (!(error instanceof TransientError) || attempt >= APPENDS_MAX || signal.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, APPEND_PAUSE_MS));
        if (signal.aborted) throw error;
      }
    }
  }

  /**
   * Asks when the broker stored what was just appended: its clock is the one that counts. The first time it is waited
   * for: whoever has recorded an effect as started knows by then whether its grant still holds.
   */
  async #sample(run: RunId, subject: string, sent: number): Promise<void> {
    const acked = this.#clock.local();
    const sampled = this.#last(run, subject).then(
      (stored) => stored && this.#clock.sample(sent, acked, stored.at),
      () => undefined,
    );
    if (this.#clock.errorMs === Infinity) await sampled;
  }

  /** An unmet expectation may be this very append, stored while its acknowledgement was lost. */
  async #ownEarlierAppend(run: RunId, subject: string, bytes: Uint8Array): Promise<number> {
    const stored = await this.#last(run, subject);
    if (stored !== undefined && Buffer.from(stored.bytes).equals(bytes)) return stored.seq;
    throw new ConflictError(`another message of this actor came before ${subject}`);
  }

  async sent(scope: ActorScope, fromOrdinal: number): Promise<Stored[]> {
    const last = await this.#last(scope.run, this.#layout.actor(scope));
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
    // Retention or a lagging replica: the log is not whole from here, so nothing may be decided on it.
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
