import { LogLayout, type RunId } from '@troupe/contract';
import type { StoredMessage } from '../bus/direct-get.ts';
import type { LogEntry } from './log-entry.ts';
import type { Shard } from './shared-reading.ts';
import { Watcher } from './watcher.ts';

const layout = new LogLayout(1);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A shard in memory, whose readers can be made slow, or shown less than there is, as by a replica that lags behind. */
export class MemoryShard implements Shard {
  readonly #stored: StoredMessage[] = [];
  readonly #listeners = new Set<{ subject: string; wake: () => void }>();
  /** How many of the newest messages readings of the shard, or of single runs, do not see yet. */
  readonly lag = { shard: 0, runs: 0 };
  /** Up to here everything has left the shard; single runs are read from the archive, too. */
  left = 0;
  /** How long an answer is under way. */
  answerMs = 0;
  /** How often the whole shard was read, and single runs. */
  readonly reads = { shard: 0, runs: 0 };
  #gate: Promise<void> = Promise.resolve();

  /** Stores a message of a run and wakes who listens. */
  store(run: RunId): void {
    const seq = this.#stored.length + 1;
    const address = { tenant: 'default', run, task: 'run', from: 'supervisor', to: 'log', ordinal: seq };
    const subject = layout.message(address);
    this.#stored.push({ subject, seq, at: 0, bytes: new Uint8Array() });
    for (const listener of this.#listeners) if (subject.startsWith(listener.subject)) listener.wake();
  }

  /** Sequences of a run behind a sequence; those of all runs without one. */
  seqs(scope: RunId | 'all', after: number): number[] {
    return this.#stored.filter(({ subject }) => isOf(scope, subject)).flatMap(({ seq }) => (seq > after ? [seq] : []));
  }

  /** Readings of single runs stop after their first message until the gate opens. */
  close(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  async *read(fromSeq: number): AsyncGenerator<StoredMessage> {
    this.reads.shard += 1;
    yield* await this.#seen('all', Math.max(fromSeq, this.left + 1), this.lag.shard);
  }

  lastSeq(): Promise<number> {
    return Promise.resolve(this.#stored.length);
  }

  /** One who watches, and the sequences that it was given; it throws `fail` at each, if there is one. */
  watcher(scope: RunId | 'all', after: number, fail?: Error): { watcher: Watcher; given: number[] } {
    const given: number[] = [];
    const onEntry = ({ seq }: LogEntry): void => {
      given.push(seq);
      if (fail !== undefined) throw fail;
    };
    const watched =
      scope === 'all'
        ? {
            read: (fromSeq: number) => this.read(fromSeq),
            listen: (wake: () => void) => this.#listen('troupe.runs.', wake),
          }
        : {
            read: (fromSeq: number) => this.#readRun(scope, fromSeq),
            listen: (wake: () => void) =>
              this.#listen(layout.run({ tenant: 'default', run: scope }).slice(0, -1), wake),
          };
    return { watcher: new Watcher({ ...watched, scope, onEntry }, after), given };
  }

  async *#readRun(run: RunId, fromSeq: number): AsyncGenerator<StoredMessage> {
    this.reads.runs += 1;
    for (const message of await this.#seen(run, fromSeq, this.lag.runs)) {
      yield message;
      await this.#gate;
    }
  }

  /** As a server answers: with what is there when it is asked. */
  async #seen(scope: RunId | 'all', fromSeq: number, lag: number): Promise<StoredMessage[]> {
    const seen = this.#stored.slice(0, Math.max(0, this.#stored.length - lag));
    const answer = seen.filter(({ subject, seq }) => seq >= fromSeq && isOf(scope, subject));
    await (this.answerMs === 0 ? Promise.resolve() : sleep(this.answerMs));
    return answer;
  }

  #listen(subject: string, wake: () => void): () => void {
    const listener = { subject, wake };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

const isOf = (scope: RunId | 'all', subject: string): boolean => scope === 'all' || subject.includes(`.${scope}.`);
