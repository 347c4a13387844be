import { parseGoalStream } from '@troupe/actor';
import {
  decode,
  idOfAddress,
  Message,
  parseRunSubject,
  type RunId,
  type Signal,
  STREAMS,
  subjects,
} from '@troupe/contract';
import { z } from 'zod';
import type { Bus } from '../bus/connect.ts';
import type { StoredMessage } from '../bus/direct-get.ts';
import type { LogEntry } from './log-entry.ts';
import { readStored } from './read-batch.ts';
import { endOf, type RunEnd } from './run-end.ts';

/** A goal that was published, accepted or rejected. */
export type PublishedGoal = Extract<Signal, { type: 'goal.accepted' | 'goal.rejected' }>;

/** After a wake-up, wait so long for more: one read for a burst. */
const GATHER_MS = 15;
/** Looks again without a wake-up: one may be lost when the connection is. */
const LOOK_AGAIN_MS = 2_000;
const LAST_MS = 5_000;

/** Reads runs from the log and changes nothing: all that the command line may do besides asking the API. */
export class RunReader {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** The messages of one run in the order of the log; none if there is no such run. */
  async log(run: RunId): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for await (const entry of this.#entries(subjects.run(run), 1)) entries.push(entry);
    return entries;
  }

  /** What is stored of one run, or of all, as it is and in the order of the log: for an audit. */
  stored(scope: RunId | 'all', fromSeq = 1): AsyncGenerator<StoredMessage> {
    const subject = scope === 'all' ? subjects.allMessages : subjects.run(scope);
    return readStored(this.#bus, { stream: STREAMS.runs, subject, fromSeq });
  }

  /** How a run ended, or undefined while it goes on. */
  async end(run: RunId): Promise<RunEnd | undefined> {
    for await (const entry of this.#entries(subjects.result(run), 1)) return endOf(entry);
    return undefined;
  }

  /** The newest goals, at most `goalsMax`, oldest first. Messages that name no goal are left out. */
  async goals(goalsMax: number): Promise<PublishedGoal[]> {
    const fromSeq = (await this.lastSeq(STREAMS.goals)) - goalsMax + 1;
    const goals: PublishedGoal[] = [];
    for await (const stored of readStored(this.#bus, { stream: STREAMS.goals, subject: subjects.allGoals, fromSeq })) {
      const goal = asGoal(stored);
      if (goal !== undefined) goals.push(goal);
    }
    return goals;
  }

  /** The newest sequence of a stream, 0 if it is empty. Rejects with a sentence if it cannot be read. */
  async lastSeq(stream: string = STREAMS.runs): Promise<number> {
    // The newest message under any subject. Stream info would need an account with JetStream of its own.
    const reply = await this.#bus.nc
      .request(`$JS.API.DIRECT.GET.${stream}.troupe.>`, '', { timeout: LAST_MS })
      .catch((error: unknown) => {
        throw new Error(`The stream ${stream} cannot be read: ${String(error)}.`, { cause: error });
      });
    const seq = reply.headers?.get('Nats-Sequence');
    if (seq === undefined) throw new Error(`The server has no stream ${stream}. Was Troupe started on it?`);
    return Number(seq);
  }

  /**
   * Gives every entry from `fromSeq` on to `onEntry`, in order, each once, until stopped. A live message only says
   * that there is something to read: a publish that the stream refused is seen by subscribers too.
   */
  follow(scope: RunId | 'all', fromSeq: number, onEntry: (entry: LogEntry) => void): Following {
    const subject = scope === 'all' ? subjects.allMessages : subjects.run(scope);
    let next = fromSeq;
    const readOn = async (): Promise<void> => {
      for await (const entry of this.#entries(subject, next)) {
        next = entry.seq + 1;
        onEntry(entry);
      }
    };
    return new Following(this.#bus, subject, readOn);
  }

  async *#entries(subject: string, fromSeq: number): AsyncGenerator<LogEntry> {
    for await (const stored of readStored(this.#bus, { stream: STREAMS.runs, subject, fromSeq })) {
      const entry = asEntry(stored);
      if (entry !== undefined) yield entry;
    }
  }
}

/** A reader that follows the log; see {@link RunReader.follow}. */
export class Following {
  readonly #readOn: () => Promise<void>;
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> | undefined;
  #wanted = false;
  #stopped = false;

  constructor(bus: Bus, subject: string, readOn: () => Promise<void>) {
    this.#readOn = readOn;
    const subscription = bus.nc.subscribe(subject, { callback: () => this.#wake() });
    this.#unsubscribe = () => subscription.unsubscribe();
    this.#timer = setInterval(() => this.#wake(), LOOK_AGAIN_MS);
    this.#wake();
  }

  /** No more entries once it resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#unsubscribe();
    await this.#reading;
  }

  #wake(): void {
    this.#wanted = true;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
  }

  async #read(): Promise<void> {
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false;
      // A read that failed is made again: at the latest after LOOK_AGAIN_MS, from where it stopped.
      await this.#readOn().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
  }
}

function asGoal({ subject, bytes, seq, at }: StoredMessage): PublishedGoal | undefined {
  try {
    const signal = parseGoalStream(subject, bytes, seq, at);
    return signal.type === 'goal.accepted' || signal.type === 'goal.rejected' ? signal : undefined;
  } catch {
    return undefined;
  }
}

function asEntry({ subject, seq, at, bytes }: StoredMessage): LogEntry | undefined {
  const address = parseRunSubject(subject);
  if (address === undefined) return undefined;
  const { run, from, to } = address;
  return { seq, storedAt: at, run, from, to, read: readMessage(idOfAddress(address), bytes) };
}

function readMessage(id: string, bytes: Uint8Array): LogEntry['read'] {
  try {
    const parsed = Message.safeParse(decode(bytes));
    return parsed.success
      ? { ok: true, message: parsed.data }
      : { ok: false, id, reason: z.prettifyError(parsed.error).replaceAll('\n', ' ') };
  } catch (error) {
    return { ok: false, id, reason: error instanceof Error ? error.message : String(error) };
  }
}
