import type { Answer, Input, MessageType, ModelRecord, Outgoing, Question, Token } from '@troupe/contract';
import type { Decider } from '@troupe/decider';

/** Any worker or reviewer: roles that are added later are meant too. */
export const WORKERS = '@workers';
export type Party = Token | typeof WORKERS;

/** What a role is to the rest of the system, as data: permissions, consumers and the planner are made from it. */
export interface RoleDeclaration {
  readonly name: Token;
  /**
   * `worker`: may be given planned tasks. `reviewer`: is given drafts by the supervisor. `agent`: takes part in runs
   * without tasks. `gateway`: serves requests.
   */
  readonly kind: 'worker' | 'reviewer' | 'agent' | 'gateway';
  /** One sentence for the planner and for people. */
  readonly description: string;
  /** One actor per run, or one per run and task. */
  readonly scope: 'run' | 'task';
  /** Message types it takes in, and from which roles. Anything else in its mailbox is malformed. */
  readonly consumes: Partial<Record<MessageType, readonly Party[]>>;
  /** Message types it writes, and to which roles. */
  readonly emits: Partial<Record<MessageType, readonly Party[]>>;
  /** Other rights on the bus. */
  readonly asksModels?: boolean;
  readonly takesGoals?: boolean;
  readonly servesApi?: boolean;
  readonly answersQuestions?: boolean;
  /** Takes finished runs out of the log into the archive: it reads every message, and may delete. */
  readonly archives?: boolean;
  /** Others believe what it signs: it has keys of its own, and the roles that name it under `trusts` know the public one. */
  readonly signs?: boolean;
  /** Roles whose signatures it believes. */
  readonly trusts?: readonly Token[];
}

/** A question to a model as a decider puts it: the runtime knows the ID and whose it is. `deadlineAt` (Unix ms) bounds the wait. */
export type AgentQuestion = Omit<Question, 'id' | 'tenant' | 'run' | 'role'> & { deadlineAt: number };

/** A decider over the contract's messages. `Q` is a question to a model, or a tool run for the executor. */
export type RoleDecider<State, Q = AgentQuestion, A = Answer> = Decider<State, Input, Outgoing, Q, A>;

export interface PerformContext {
  /** Derived from run, actor and input: the same when the step is tried again. */
  id: string;
  input: Input;
  /** Writes an output before the answer is known (the effect ledger's *started*). */
  record(output: Outgoing): Promise<void>;
  /** Aborted when the process drains and the grace period is over. */
  signal: AbortSignal;
}

/** The I/O behind questions. */
export interface Performer<Q, A> {
  /** Resolves with data also when it failed; rejects only with errors that should be tried again. */
  perform(question: Q, context: PerformContext): Promise<{ answer: A; model?: ModelRecord }>;
  /** The answer that a log entry holds, if it holds one. */
  recall(record: ModelRecord): A | undefined;
}

/** Checks a declaration while keeping its literal types. */
export function declareRole<const Declaration extends RoleDeclaration>(declaration: Declaration): Declaration {
  return declaration;
}
