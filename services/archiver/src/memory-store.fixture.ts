import type { LoggedMessage } from '@troupe/archive';
import { LogLayout, type RunRef, subjects } from '@troupe/contract';
import type { ShardStore } from './shard-archiver.ts';

/** One shard and the archive in memory. A test may cut any call off, or change what is stored. */
export class MemoryStore implements ShardStore {
  readonly layout = new LogLayout(1);
  log: LoggedMessage[] = [];
  /** Sequences are never used again. */
  lastSeq = 0;
  /** Unix ms. */
  time = 0;
  readonly archive = new Map<string, { seq: number; bytes: Uint8Array }>();
  /** Called before each effect; throws to end the archiver there. */
  onEffect: (effect: string) => void = () => undefined;
  #archived = 0;

  async write(ref: RunRef, part: number, bytes: Uint8Array): Promise<'stored' | 'taken'> {
    await Promise.resolve();
    const subject = subjects.archived(ref, part);
    if (this.archive.has(subject)) return 'taken';
    this.onEffect('write');
    this.archive.set(subject, { seq: (this.#archived += 1), bytes });
    this.onEffect('written');
    return 'stored';
  }

  async part(ref: RunRef, part: number): Promise<{ bytes: Uint8Array } | undefined> {
    await Promise.resolve();
    return this.archive.get(subjects.archived(ref, part));
  }

  async parts(ref: RunRef): Promise<{ bytes: Uint8Array }[]> {
    await Promise.resolve();
    const parts: { bytes: Uint8Array }[] = [];
    for (let found = await this.part(ref, 0); found !== undefined; found = await this.part(ref, parts.length))
      parts.push(found);
    return parts;
  }

  now(): number {
    return this.time;
  }

  isHere(): boolean {
    return true;
  }

  async delete(seq: number): Promise<void> {
    await Promise.resolve();
    this.onEffect('delete');
    this.log = this.log.filter((message) => message.seq !== seq);
    this.onEffect('deleted');
  }

  async *read(fromSeq: number): AsyncGenerator<LoggedMessage> {
    await Promise.resolve();
    yield* this.log.filter(({ seq }) => seq >= fromSeq);
  }

  async *readRun(ref: RunRef, fromSeq: number): AsyncGenerator<LoggedMessage> {
    for await (const message of this.read(fromSeq)) if (message.subject.startsWith(this.#prefix(ref))) yield message;
  }

  #prefix(ref: RunRef): string {
    return this.layout.run(ref).slice(0, -1);
  }
}
