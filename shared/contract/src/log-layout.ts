import { DEFAULT_TENANT, type MessageIdParts, type RunId, type RunRef, type Token } from './identifiers.ts';
import type { RunAddress } from './subjects.ts';

/** Shards of a new installation. */
export const SHARDS_DEFAULT = 4;
export const SHARDS_MAX = 64;

/** The stream of one shard. */
export const runsStream = (shard: number): string => `RUNS_${shard}`;

/** Where the goals and cancels of a tenant are: what one publishes, and its headers, are about no other's stream. */
export const goalsStream = (tenant: Token): string => (tenant === DEFAULT_TENANT ? 'GOALS' : `GOALS_${tenant}`);

/** Digits of a run ID that its shard follows from: the last ones are random, or of a hash, in every UUID. */
const HASHED_DIGITS = 8;

/** An actor's messages: `task` is "*" for an actor per run. */
interface Scope extends RunRef {
  task: Token | '*';
  role: Token;
}

/**
 * Where the messages of a run are: in the stream of its shard, which follows from its ID. The number of shards belongs
 * to the installation and never changes: with another number every run would be looked for elsewhere.
 */
export class LogLayout {
  readonly shards: number;
  readonly tenants: readonly Token[];

  /** `shards`: 1 to {@link SHARDS_MAX}. */
  constructor(shards: number, tenants: readonly Token[] = [DEFAULT_TENANT]) {
    if (!Number.isInteger(shards) || shards < 1 || shards > SHARDS_MAX)
      throw new RangeError(`The log has ${shards} shards; it has to be a whole number from 1 to ${SHARDS_MAX}.`);
    this.shards = shards;
    this.tenants = tenants;
  }

  get streams(): string[] {
    return Array.from({ length: this.shards }, (_, shard) => runsStream(shard));
  }

  get goalStreams(): string[] {
    return this.tenants.map(goalsStream);
  }

  shardOf(run: RunId): number {
    return Number.parseInt(run.slice(-HASHED_DIGITS), 16) % this.shards;
  }

  streamOf(run: RunId): string {
    return runsStream(this.shardOf(run));
  }

  message(a: RunAddress): string {
    return `${this.#prefix(a)}.${a.task}.${a.from}.${a.to}.${a.ordinal}`;
  }

  /** All messages of one run, in the order of the log. */
  run(ref: RunRef): string {
    return `${this.#prefix(ref)}.>`;
  }

  /** The same for who knows the run's ID alone. */
  runOfAnybody(run: RunId): string {
    return this.run({ tenant: '*', run });
  }

  /** Where the supervisor puts the one result of a run (JSON). */
  result(ref: RunRef): string {
    return `${this.#prefix(ref)}.*.supervisor.user.*`;
  }

  /** All that one actor has written: the scope of its one-writer expectation (A1). */
  actor(scope: Scope): string {
    return `${this.#prefix(scope)}.${scope.task}.${scope.role}.*.*`;
  }

  /** One message of an actor by ordinal, whoever it went to. */
  sent(scope: Scope, ordinal: number): string {
    return `${this.#prefix(scope)}.${scope.task}.${scope.role}.*.${ordinal}`;
  }

  /** One message that `to` received, by the ID of the message. */
  received(ref: RunRef, id: MessageIdParts, to: Token): string {
    return `${this.#prefix(ref)}.${id.task}.${id.from}.${to}.${id.ordinal}`;
  }

  #prefix({ tenant, run }: RunRef): string {
    return `troupe.runs.${this.shardOf(run)}.${tenant}.${run}`;
  }
}
