import { TransientError } from '@troupe/actor';
import { type RunRef, runsStream, STREAMS, subjects } from '@troupe/contract';
import { z } from 'zod';
import { storeSubjects } from '../broker/access.ts';
import { lastOn, type StoredMessage } from '../bus/direct-get.ts';
import { Expectation } from '../bus/expectation.ts';
import { readPublishAck } from '../bus/publish-ack.ts';
import type { RequestChannel } from '../bus/request-channel.ts';
import { archivedPart, archivedParts } from './archive-parts.ts';

/** The message is not there (any more): it was deleted before, by this process or another. */
const GONE = new Set([10_037, 10_043, 10_057]);

const Refusal = z.object({ error: z.object({ err_code: z.number(), description: z.string() }).optional() });
const Info = z.object({
  config: z.object({ max_bytes: z.number() }),
  state: z.object({ bytes: z.number(), first_seq: z.number(), last_seq: z.number() }),
});
const Consumers = z.object({
  consumers: z.array(
    z.object({
      config: z.object({ ack_policy: z.string() }),
      ack_floor: z.object({ stream_seq: z.number() }),
      num_pending: z.number(),
      num_ack_pending: z.number(),
    }),
  ),
});

/** The archive and the shards that it is filled from, as the archiver may use them. Rejects with TransientError. */
export class NatsArchive {
  readonly #channel: RequestChannel;

  constructor(channel: RequestChannel) {
    this.#channel = channel;
  }

  /** Stores a part of a run's transcript, once: its sequence, or `taken` if there is one already. */
  async write(ref: RunRef, part: number, bytes: Uint8Array): Promise<number | 'taken'> {
    const subject = subjects.archived(ref, part);
    const ack = readPublishAck(await this.#channel.request(subject, bytes, new Expectation(subject, 0)));
    if (ack.kind === 'undecided') throw new TransientError(`${subject} is being written`);
    return ack.kind === 'stored' ? ack.seq : 'taken';
  }

  parts(ref: RunRef): Promise<StoredMessage[]> {
    return archivedParts(this.#channel, ref);
  }

  part(ref: RunRef, part: number): Promise<StoredMessage | undefined> {
    return archivedPart(this.#channel, ref, part);
  }

  /** Takes back what was written of a run that was erased meanwhile. */
  takeBack(seq: number): Promise<void> {
    return this.delete(STREAMS.archive, seq);
  }

  /** The newest message of a shard whose subject matches; undefined if there is none. */
  newest(shard: number, subject: string): Promise<StoredMessage | undefined> {
    return lastOn(this.#channel, runsStream(shard), subject);
  }

  /**
   * Deletes a message of a shard, or of goals. One that is gone already is fine. It is overwritten on the disk, which
   * costs nothing: what is erased from the archive later must not be left there.
   */
  async delete(stream: string, seq: number): Promise<void> {
    const reply = await this.#channel.request(storeSubjects.delete(stream), JSON.stringify({ seq }));
    const { error } = Refusal.parse(reply.json());
    if (error !== undefined && !GONE.has(error.err_code))
      throw new TransientError(`message ${seq} of ${stream} was not deleted: ${error.description}`);
  }

  /** How full a stream is: 1 is full. */
  async fullness(stream: string): Promise<number> {
    const { config, state } = await this.#info(stream);
    return config.max_bytes > 0 ? state.bytes / config.max_bytes : 0;
  }

  /** The oldest sequence of a stream, and the one up to which every consumer has acked what it is given. */
  async settled(stream: string): Promise<{ first: number; upTo: number }> {
    // In this order: what comes meanwhile is pending then.
    const { state } = await this.#info(stream);
    const reply = await this.#channel.request(storeSubjects.consumers(stream), '');
    const read = Consumers.safeParse(reply.json());
    if (!read.success) throw new TransientError(`the stream ${stream} does not say who reads it`);
    const floors = read.data.consumers
      .filter(({ config }) => config.ack_policy !== 'none')
      .map(({ ack_floor, num_pending, num_ack_pending }) =>
        num_pending + num_ack_pending === 0 ? state.last_seq : Math.min(ack_floor.stream_seq, state.last_seq),
      );
    return { first: state.first_seq, upTo: floors.length === 0 ? 0 : Math.min(...floors) };
  }

  async #info(stream: string): Promise<z.infer<typeof Info>> {
    const info = Info.safeParse((await this.#channel.request(storeSubjects.info(stream), '')).json());
    if (!info.success) throw new TransientError(`the stream ${stream} does not say how full it is`);
    return info.data;
  }
}
