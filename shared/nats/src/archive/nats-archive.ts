import { TransientError } from '@troupe/actor';
import { type RunRef, subjects } from '@troupe/contract';
import { z } from 'zod';
import { storeSubjects } from '../broker/access.ts';
import { GONE } from '../broker/delete-stored.ts';
import type { StoredMessage } from '../bus/direct-get.ts';
import { Expectation } from '../bus/expectation.ts';
import { readPublishAck } from '../bus/publish-ack.ts';
import type { RequestChannel } from '../bus/request-channel.ts';
import { archivedPart, archivedParts } from './archive-parts.ts';

const Refusal = z.object({ error: z.object({ err_code: z.number(), description: z.string() }).optional() });
const Info = z.object({
  config: z.object({ max_bytes: z.number() }),
  state: z.object({ bytes: z.number() }),
});
const Consumers = z.object({
  consumers: z.array(
    z.object({
      config: z.object({ ack_policy: z.string(), filter_subject: z.string().optional() }),
      ack_floor: z.object({ stream_seq: z.number() }),
    }),
  ),
  total: z.number(),
  /** Those whose leader is away. */
  missing: z.array(z.string()).optional(),
});

/** The archive and the shards that it is filled from, as the archiver may use them. Rejects with TransientError. */
export class NatsArchive {
  readonly #channel: RequestChannel;

  constructor(channel: RequestChannel) {
    this.#channel = channel;
  }

  /** Stores a part of a run's transcript, once; `taken` if there is one already. */
  async write(ref: RunRef, part: number, bytes: Uint8Array): Promise<'stored' | 'taken'> {
    const subject = subjects.archived(ref, part);
    const ack = readPublishAck(await this.#channel.request(subject, bytes, new Expectation(subject, 0)));
    if (ack.kind === 'undecided') throw new TransientError(`${subject} is being written`);
    return ack.kind === 'stored' ? 'stored' : 'taken';
  }

  parts(ref: RunRef): Promise<StoredMessage[]> {
    return archivedParts(this.#channel, ref);
  }

  part(ref: RunRef, part: number): Promise<StoredMessage | undefined> {
    return archivedPart(this.#channel, ref, part);
  }

  /**
   * Deletes a message of a shard, or of goals. One that is gone already is fine. It is not overwritten, for which the
   * server would write a block of megabytes anew for each message: its bytes go with the block that they are in.
   */
  async delete(stream: string, seq: number): Promise<void> {
    const reply = await this.#channel.request(storeSubjects.delete(stream), JSON.stringify({ seq, no_erase: true }));
    const { error } = Refusal.parse(reply.json());
    if (error !== undefined && !GONE.has(error.err_code))
      throw new TransientError(`message ${seq} of ${stream} was not deleted: ${error.description}`);
  }

  /** How full a stream is: 1 is full. */
  async fullness(stream: string): Promise<number> {
    const info = Info.safeParse((await this.#channel.request(storeSubjects.info(stream), '')).json());
    if (!info.success) throw new TransientError(`the stream ${stream} does not say how full it is`);
    const { config, state } = info.data;
    return config.max_bytes > 0 ? state.bytes / config.max_bytes : 0;
  }

  /**
   * Up to which sequence everything was acked, by the subject that a consumer of the stream is for. One whose leader is
   * away, or that is not there, has acked nothing.
   */
  async ackFloors(stream: string): Promise<Map<string, number>> {
    const read = Consumers.safeParse((await this.#channel.request(storeSubjects.consumers(stream), '')).json());
    if (!read.success) throw new TransientError(`the stream ${stream} does not say who reads it`);
    const { consumers, total, missing = [] } = read.data;
    if (total !== consumers.length || missing.length > 0)
      throw new TransientError(`not all who read the stream ${stream} are there`);
    const floors = new Map<string, number>();
    for (const { config, ack_floor } of consumers) {
      const { filter_subject, ack_policy } = config;
      if (filter_subject === undefined || ack_policy !== 'explicit') continue;
      floors.set(filter_subject, Math.min(floors.get(filter_subject) ?? Infinity, ack_floor.stream_seq));
    }
    return floors;
  }
}
