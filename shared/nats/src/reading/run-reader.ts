import type { Transcript } from '@troupe/archive';
import { readSubmission, type Submission } from '@troupe/actor';
import { parseRunSubject, type RunId, STREAMS, subjects, type Token } from '@troupe/contract';
import type { Bus } from '../bus/connect.ts';
import type { StoredMessage } from '../bus/direct-get.ts';
import { AllRuns } from './all-runs.ts';
import { asEntry, type LogEntry } from './log-entry.ts';
import { readStored } from './read-batch.ts';
import { endOf, type RunEnd } from './run-end.ts';

/** The goal that a run began with, accepted or rejected. */
export type PublishedGoal = Extract<Submission, { type: 'goal.accepted' | 'goal.rejected' }>;

/** How far the log was read: the last sequence of each stream; one that is missing is read from its beginning. */
export type Position = ReadonlyMap<string, number>;
export const BEGINNING: Position = new Map();

interface Place {
  stream: string;
  subject: string;
}

/** After a wake-up, wait so long for more: one read for a burst. */
const GATHER_MS = 15;
/** Looks again without a wake-up: one may be lost when the connection is. */
const LOOK_AGAIN_MS = 2_000;
const LAST_MS = 5_000;
/** Each is unpacked and proved, which takes a third of a millisecond. */
const ARCHIVED_LISTED_MAX = 1_000;

/** Reads runs from the log and changes nothing: all that the command line may do besides asking the API. */
export class RunReader {
  readonly #bus: Bus;
  readonly #runs: AllRuns;

  constructor(bus: Bus) {
    this.#bus = bus;
    this.#runs = new AllRuns(bus);
  }

  get tenants(): readonly Token[] {
    return this.#bus.layout.tenants;
  }

  /** The messages of one run in the order of the log; none if there is no such run. */
  async log(run: RunId): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for await (const entry of entriesOf(this.#runs.from(run, 1))) entries.push(entry);
    return entries;
  }

  /** What is stored of one run, or of all, as it is and in the order of the log: for an audit. All is shard by shard. */
  async *stored(scope: RunId | 'all', fromSeq = 1): AsyncGenerator<StoredMessage> {
    if (scope !== 'all') yield* this.#runs.from(scope, fromSeq);
    else for (const place of this.#allPlaces()) yield* readStored(this.#bus, { ...place, fromSeq });
  }

  /** How a run ended, or undefined while it goes on. */
  async end(run: RunId): Promise<RunEnd | undefined> {
    const stored = await this.#runs.result(run);
    const entry = stored && asEntry(stored);
    return entry && endOf(entry);
  }

  /** The goal that a run began with, wherever it is; undefined if it has not begun. */
  async goal(run: RunId): Promise<PublishedGoal | undefined> {
    for await (const stored of this.#runs.from(run, 1)) return asGoal(stored);
    return undefined;
  }

  /** What of a run is in the archive, proved. Throws BrokenArchiveError with what is wrong. */
  archived(run: RunId): Promise<Transcript> {
    return this.#runs.archived(run);
  }

  /** Whether all of a run is in the log, from its first message on. */
  isInLog(run: RunId): Promise<boolean> {
    return this.#runs.isInLog(run);
  }

  /** The IDs of all archived runs, in the order in which they were archived. */
  async *archivedRuns(): AsyncGenerator<RunId> {
    for await (const { subject } of this.#runs.archivedBeginnings(1)) {
      const address = parseRunSubject(subject);
      if (address !== undefined) yield address.run;
    }
  }

  /** The goals of the newest runs, begun at or after `since` (Unix ms), at most `goalsMax`, oldest first. */
  async goals(goalsMax: number, since = 0): Promise<PublishedGoal[]> {
    // First those that wait: one that is taken in meanwhile is seen twice, and not never.
    const { goalStreams } = this.#bus.layout;
    const waiting = (await Promise.all(goalStreams.map((stream) => this.#published(stream, goalsMax)))).flat();
    const begun = await Promise.all(
      this.#bus.layout.streams.map((_stream, shard) => goalsIn(this.#runs.beginnings(shard, since), asGoal)),
    );
    const archived = await this.#archived(goalsMax, since);
    const found = [...waiting.filter(({ at }) => at >= since), ...archived, ...begun.flat()];
    const runs = new Map(found.map((goal) => [goal.run, goal]));
    return [...runs.values()].toSorted((one, other) => one.at - other.at).slice(-goalsMax);
  }

  /** Of runs in the archive: they are there in the order in which they ended. */
  async #archived(goalsMax: number, since: number): Promise<PublishedGoal[]> {
    const fromSeq = (await this.lastSeq(STREAMS.archive)) - Math.min(goalsMax, ARCHIVED_LISTED_MAX) + 1;
    const goals = await goalsIn(this.#runs.archivedBeginnings(fromSeq), asGoal);
    return goals.filter(({ at }) => at >= since);
  }

  /** The newest that a tenant has published: also what nobody has taken in yet. */
  async #published(stream: string, goalsMax: number): Promise<PublishedGoal[]> {
    const fromSeq = (await this.lastSeq(stream)) - goalsMax + 1;
    return await goalsIn(readStored(this.#bus, { stream, subject: subjects.allGoals, fromSeq }), asSubmission);
  }

  /** The newest sequence of a stream, 0 if it is empty. Rejects with a sentence if it cannot be read. */
  async lastSeq(stream: string): Promise<number> {
    // The newest message under any subject: with another wildcard than `>` alone the server goes through all subjects.
    // Stream info would need an account with JetStream of its own.
    const reply = await this.#bus.nc
      .request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ last_by_subj: '>' }), { timeout: LAST_MS })
      .catch((error: unknown) => {
        throw new Error(`The stream ${stream} cannot be read: ${String(error)}.`, { cause: error });
      });
    const seq = reply.headers?.get('Nats-Sequence');
    if (seq === undefined) throw new Error(`The server has no stream ${stream}. Was Troupe started on it?`);
    return Number(seq);
  }

  /** Where the log ends now: a stream's name to the sequence of its last message. */
  async position(): Promise<Position> {
    const { streams } = this.#bus.layout;
    const ends = await Promise.all(streams.map(async (stream) => [stream, await this.lastSeq(stream)] as const));
    return new Map(ends);
  }

  /**
   * Gives every entry behind `after` to `onEntry`, each once and those of one shard in order, until stopped. A live
   * message only says that there is something to read: a publish that the stream refused is seen by subscribers too.
   */
  follow(scope: RunId | 'all', after: Position, onEntry: (entry: LogEntry) => void): Following {
    const places = scope === 'all' ? this.#allPlaces() : [this.#placeOf(scope)];
    const done = new Map(after);
    const readOn = async (place: Place): Promise<void> => {
      for await (const entry of entriesOf(
        readStored(this.#bus, { ...place, fromSeq: (done.get(place.stream) ?? 0) + 1 }),
      )) {
        done.set(place.stream, entry.seq);
        onEntry(entry);
      }
    };
    const subject = scope === 'all' ? subjects.allMessages : this.#placeOf(scope).subject;
    return new Following(this.#bus, subject, async () => {
      // Whether or not one of them fails: the next reading begins when all of this one are over.
      const readings = await Promise.allSettled(places.map(readOn));
      const failed = readings.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    });
  }

  #placeOf(run: RunId): Place {
    const { layout } = this.#bus;
    return { stream: layout.streamOf(run), subject: layout.runOfAnybody(run) };
  }

  #allPlaces(): Place[] {
    return this.#bus.layout.streams.map((stream, shard) => ({ stream, subject: subjects.messagesOf(shard) }));
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

async function* entriesOf(messages: AsyncIterable<StoredMessage>): AsyncGenerator<LogEntry> {
  for await (const stored of messages) {
    const entry = asEntry(stored);
    if (entry !== undefined) yield entry;
  }
}

async function goalsIn(
  messages: AsyncIterable<StoredMessage>,
  read: (stored: StoredMessage) => PublishedGoal | undefined,
): Promise<PublishedGoal[]> {
  const goals: PublishedGoal[] = [];
  for await (const stored of messages) {
    const goal = read(stored);
    if (goal !== undefined) goals.push(goal);
  }
  return goals;
}

function asSubmission({ subject, bytes, seq, at }: StoredMessage): PublishedGoal | undefined {
  const submission = readSubmission(subject, bytes, seq, at);
  return submission?.type === 'run.cancel' ? undefined : submission;
}

function asGoal(stored: StoredMessage): PublishedGoal | undefined {
  const entry = asEntry(stored);
  if (entry?.read.ok !== true) return undefined;
  const { message } = entry.read;
  const facts = { id: message.cause, tenant: message.tenant, run: message.run, at: entry.storedAt };
  if (message.type === 'run.started') return { ...facts, type: 'goal.accepted', goal: message.body.goal };
  return message.type === 'run.rejected' ? { ...facts, type: 'goal.rejected', ...message.body } : undefined;
}
