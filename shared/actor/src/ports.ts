import type { RunAddress, RunRef, Token } from '@troupe/contract';

/**
 * The ports of the runtime. Each has a twin in memory (`memory/`) and one on NATS (`@troupe/nats`);
 * `test/ports/` runs one conformance suite on both.
 */

/** One delivery of one stored message. Exactly one of ack, retry and reject is called, once. */
export interface Delivery {
  readonly source: 'runs' | 'goals' | 'due';
  readonly stream: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Sequence in its stream: the identity of the message across redeliveries. */
  readonly seq: number;
  /** 1 for the first delivery. */
  readonly deliveries: number;
  /** Unix ms at which the broker stored the message. */
  readonly at: number;
  /**
   * It was stored while this process was served by the consumer that delivers it: nobody can have handled it before.
   * Otherwise it may be new to this consumer alone, which was made anew.
   */
  readonly isFresh: boolean;
  ack(): void;
  retry(delayMs: number): void;
  /** Never deliver again. */
  reject(): void;
  /** Restarts the ack wait. */
  working(): void;
}

export interface Mailbox {
  /** Starts pulling; `handler` is called for each delivery and must not throw. */
  open(handler: (delivery: Delivery) => void): Promise<void>;
  /** No new deliveries after this returns; those in hand stay valid. */
  stopPulling(): Promise<void>;
  /** Whether a goal of the tenant that was stored before the sequence `before` may still wait to be delivered. */
  mayBring(tenant: Token, before: number): boolean;
}

/** Whose messages an expectation covers: `task` is "*" for an actor per run. */
export interface ActorScope extends RunRef {
  task: Token | '*';
  role: Token;
}

export interface Stored {
  address: RunAddress;
  seq: number;
  /** Unix ms at which the broker stored it. */
  at: number;
  bytes: Uint8Array;
}

/** A time that is armed for a run, in Unix ms. */
export interface Timer extends RunRef {
  at: number;
}

export interface Append {
  scope: ActorScope;
  address: RunAddress;
  bytes: Uint8Array;
  expectedSeq: number;
}

/**
 * What is appended is decided in one place; what is read may be a beginning of the log that is behind that place by any
 * time. So nothing may be decided on what a read does not show, unless an append depends on it.
 */
export interface Journal {
  /**
   * Stores the next message of an actor and returns its stream sequence, if `expectedSeq` is the sequence of the
   * actor's last message (0: it has none). Repeating a stored append returns the same sequence. An append whose outcome
   * is unknown is repeated, but not after `signal` is aborted.
   * @throws ConflictError if another message of this actor came first; TransientError if it may not be stored.
   */
  append(append: Append, signal: AbortSignal): Promise<number>;
  /**
   * The actor's own messages with ordinal ≥ `fromOrdinal`, in order, without gaps, up to `seqMin` at least, where it is
   * known that there is one.
   * @throws TransientError if they cannot be read yet.
   */
  sent(scope: ActorScope, fromOrdinal: number, seqMin?: number): Promise<Stored[]>;
  /**
   * The sequence of the actor's last message (0: it has none) by the word of who decides appends: for what is decided
   * without one. `to` is anybody to whom the actor may write.
   */
  lastSeq(scope: ActorScope, to: Token): Promise<number>;
  /** The message with this ID that `to` received, if it is there. */
  received(ref: RunRef, id: string, to: Token): Promise<Stored | undefined>;
  /** Whether the run has its result: nothing that comes later changes it. */
  hasEnded(ref: RunRef): Promise<boolean>;
  /** Whether the run is in the archive: it may have left the log. */
  isArchived(ref: RunRef): Promise<boolean>;
}

export interface Timers {
  /** Resolves when the timer is durable. It arrives as a `due` delivery at or soon after its time, perhaps among others. */
  arm(timer: Timer): Promise<void>;
  /** The same, in a `due` delivery of its own that comes at or soon after `dueAt` (Unix ms). */
  armAlone(timer: Timer, dueAt: number): Promise<void>;
}

export interface DeadLetters {
  /** Stores a message that cannot be handled, with the reason; of a large one its head and its digest. */
  bury(letter: { subject: string; seq: number; bytes: Uint8Array; reason: string }): Promise<void>;
}

export interface Clock {
  /** Unix ms by the broker's clock, as well as it is known here. */
  now(): number;
  /** Resolves after so many ms. */
  wait(ms: number): Promise<void>;
}

/** Another message of the same actor is in the log already: reload and decide again (A1). */
export class ConflictError extends Error {
  override name = 'ConflictError';
  /** Of the actor's last message, as far as the refusal said. */
  readonly lastSeq: number | undefined;

  constructor(message: string, lastSeq?: number) {
    super(message);
    this.lastSeq = lastSeq;
  }
}

/** The outcome is unknown or the broker is away: try again later. */
export class TransientError extends Error {
  override name = 'TransientError';
}

/** Written by a newer version: a process that knows it will take it. */
export class NewerError extends Error {
  override name = 'NewerError';
}

/** The log of an actor holds what cannot be read: a person has to look, and nothing may be decided until then. */
export class HistoryError extends Error {
  override name = 'HistoryError';
}
