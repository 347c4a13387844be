import { type RunRef, runsStream, subjects } from '@troupe/contract';
import { type Bus, NatsArchive, readStored, type RequestChannel, type StoredMessage } from '@troupe/nats';
import type { ShardStore } from './shard-archiver.ts';

/** A shard and the archive on NATS: see {@link ShardStore}. */
export class NatsShardStore implements ShardStore {
  readonly #bus: Bus;
  readonly #shard: number;
  readonly #archive: NatsArchive;

  constructor(bus: Bus, channel: RequestChannel, shard: number) {
    this.#bus = bus;
    this.#shard = shard;
    this.#archive = new NatsArchive(channel);
  }

  write(ref: RunRef, part: number, bytes: Uint8Array): Promise<number | 'taken'> {
    return this.#archive.write(ref, part, bytes);
  }

  part(ref: RunRef, part: number): Promise<StoredMessage | undefined> {
    return this.#archive.part(ref, part);
  }

  parts(ref: RunRef): Promise<StoredMessage[]> {
    return this.#archive.parts(ref);
  }

  takeBack(seq: number): Promise<void> {
    return this.#archive.takeBack(seq);
  }

  async isInLog(ref: RunRef): Promise<boolean> {
    return (await this.#archive.newest(this.#shard, this.#bus.layout.run(ref))) !== undefined;
  }

  delete(seq: number): Promise<void> {
    return this.#archive.delete(runsStream(this.#shard), seq);
  }

  fullness(): Promise<number> {
    return this.#archive.fullness(runsStream(this.#shard));
  }

  read(fromSeq: number): AsyncIterable<StoredMessage> {
    return this.#stored(subjects.messagesOf(this.#shard), fromSeq);
  }

  readRun(ref: RunRef, fromSeq: number): AsyncIterable<StoredMessage> {
    return this.#stored(this.#bus.layout.run(ref), fromSeq);
  }

  #stored(subject: string, fromSeq: number): AsyncIterable<StoredMessage> {
    return readStored(this.#bus, { stream: runsStream(this.#shard), subject, fromSeq });
  }
}
