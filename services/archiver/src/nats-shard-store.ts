import { type RunId, type RunRef, runsStream } from '@troupe/contract';
import { BrokerClock, type Bus, type NatsArchive, readDistinct, readStored, type StoredMessage } from '@troupe/nats';
import type { ShardStore } from './shard-archiver.ts';

/** A shard and the archive on NATS: see {@link ShardStore}. */
export class NatsShardStore implements ShardStore {
  readonly #bus: Bus;
  readonly #shard: number;
  readonly #archive: NatsArchive;
  readonly #clock = new BrokerClock();

  constructor(bus: Bus, archive: NatsArchive, shard: number) {
    this.#bus = bus;
    this.#shard = shard;
    this.#archive = archive;
  }

  write(ref: RunRef, part: number, bytes: Uint8Array): Promise<'stored' | 'taken'> {
    return this.#archive.write(ref, part, bytes);
  }

  async part(ref: RunRef, part: number): Promise<StoredMessage | undefined> {
    const stored = await this.#archive.part(ref, part);
    if (stored !== undefined) this.#clock.observe(stored.at);
    return stored;
  }

  parts(ref: RunRef): Promise<StoredMessage[]> {
    return this.#archive.parts(ref);
  }

  now(): number {
    return this.#clock.now();
  }

  isHere(run: RunId): boolean {
    return this.#bus.layout.shardOf(run) === this.#shard;
  }

  delete(seq: number): Promise<void> {
    return this.#archive.delete(this.#stream, seq);
  }

  fullness(): Promise<number> {
    return this.#archive.fullness(this.#stream);
  }

  async *read(fromSeq: number): AsyncGenerator<StoredMessage> {
    // All of it: with a filter the server looks at each message's subject.
    for await (const message of readStored(this.#bus, { stream: this.#stream, subject: '>', fromSeq })) {
      this.#clock.observe(message.at);
      yield message;
    }
  }

  readRun(ref: RunRef, fromSeq: number): AsyncIterable<StoredMessage> {
    return readDistinct(this.#bus, { stream: this.#stream, subject: this.#bus.layout.run(ref), fromSeq });
  }

  get #stream(): string {
    return runsStream(this.#shard);
  }
}
