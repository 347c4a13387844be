import type { Transcript } from '@troupe/archive';
import { readSubmission, type Submission } from '@troupe/actor';
import { parseRunSubject, type RunId, STREAMS, subjects, type Token } from '@troupe/contract';
import type { Bus } from '../bus/connect.ts';
import type { StoredMessage } from '../bus/direct-get.ts';
import { AllRuns } from './all-runs.ts';
import { lastSeq } from './last-seq.ts';
import { asEntry, type LogEntry } from './log-entry.ts';
import { type Following, LogFollower } from './log-follower.ts';
import type { Position } from './position.ts';
import { readStored } from './read-batch.ts';
import { endOf, type RunEnd } from './run-end.ts';

/** The goal that a run began with, accepted or rejected. */
export type PublishedGoal = Extract<Submission, { type: 'goal.accepted' | 'goal.rejected' }>;

/** Each is read, unpacked and proved: 1.6 ms on a busy machine. */
const ARCHIVED_LISTED_MAX = 1_000;

/** Reads runs from the log and changes nothing: all that the command line may do besides asking the API. */
export class RunReader {
  readonly #bus: Bus;
  readonly #runs: AllRuns;
  /** One for all who watch: there is one reader in a process. */
  readonly #follower: LogFollower;

  constructor(bus: Bus) {
    this.#bus = bus;
    this.#runs = new AllRuns(bus);
    this.#follower = new LogFollower(bus, this.#runs);
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
    else
      for (const [shard, stream] of this.#bus.layout.streams.entries())
        yield* readStored(this.#bus, { stream, subject: subjects.messagesOf(shard), fromSeq });
  }

  /** How a run ended, or undefined while it goes on. */
  async end(run: RunId): Promise<RunEnd | undefined> {
    const stored = await this.#runs.result(run);
    const entry = stored && asEntry(stored);
    return entry && endOf(entry);
  }

  /** The goal that a run began with, wherever it is; undefined if it has not begun. */
  async goal(run: RunId): Promise<PublishedGoal | undefined> {
    const first = await this.#runs.first(run);
    if (first !== undefined) return asGoal(first);
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

  /**
   * The goals of the newest runs, begun at or after `since` (Unix ms), at most `goalsMax`, oldest first; `log`: only of
   * those that are in the log, as all are that go on.
   */
  async goals(goalsMax: number, since = 0, where: 'anywhere' | 'log' = 'anywhere'): Promise<PublishedGoal[]> {
    // First those that wait: one that is taken in meanwhile is seen twice, and not never.
    const { goalStreams } = this.#bus.layout;
    const waiting = (await Promise.all(goalStreams.map((stream) => this.#published(stream, goalsMax)))).flat();
    const begun = await Promise.all(
      this.#bus.layout.streams.map((_stream, shard) => goalsIn(this.#runs.beginnings(shard, since), asGoal)),
    );
    const archived = where === 'log' ? [] : await this.#archived(goalsMax, since);
    const found = [...waiting.filter(({ at }) => at >= since), ...archived, ...begun.flat()];
    const runs = new Map(found.map((goal) => [goal.run, goal]));
    return [...runs.values()].toSorted((one, other) => one.at - other.at).slice(-goalsMax);
  }

  /** Of runs in the archive: they are there in the order in which they ended. */
  async #archived(goalsMax: number, since: number): Promise<PublishedGoal[]> {
    const fromSeq = (await lastSeq(this.#bus, STREAMS.archive)) - Math.min(goalsMax, ARCHIVED_LISTED_MAX) + 1;
    const goals = await goalsIn(this.#runs.archivedBeginnings(fromSeq), asGoal);
    return goals.filter(({ at }) => at >= since);
  }

  /** The newest that a tenant has published: also what nobody has taken in yet. */
  async #published(stream: string, goalsMax: number): Promise<PublishedGoal[]> {
    const fromSeq = (await lastSeq(this.#bus, stream)) - goalsMax + 1;
    return await goalsIn(readStored(this.#bus, { stream, subject: subjects.allGoals, fromSeq }), asSubmission);
  }

  /** Where the log ends now: a stream's name to the sequence of its last message. */
  async position(): Promise<Position> {
    const { streams } = this.#bus.layout;
    const ends = await Promise.all(streams.map(async (stream) => [stream, await lastSeq(this.#bus, stream)] as const));
    return new Map(ends);
  }

  /** Gives every entry behind `after` to `onEntry`, each once and those of one shard in order, until stopped. */
  follow(scope: RunId | 'all', after: Position, onEntry: (entry: LogEntry) => void): Following {
    return this.#follower.watch(scope, after, onEntry);
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
