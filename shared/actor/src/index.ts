export { backoffMs } from './backoff.ts';
export { ConflictError, HistoryError, NewerError, TransientError } from './ports.ts';
export type {
  ActorScope,
  Append,
  Clock,
  DeadLetters,
  Delivery,
  Journal,
  Mailbox,
  Stored,
  Timer,
  Timers,
} from './ports.ts';
export { DUE_ENTRIES_MAX, parseMessage } from './receive.ts';
export { parseSubmission, readSubmission } from './submission.ts';
export type { Submission } from './submission.ts';
export { declareRole, WORKERS } from './role.ts';
export type { AgentQuestion, PerformContext, Performer, RoleDecider, RoleDeclaration } from './role.ts';
export { runIdOf, uuidV7 } from './run-id.ts';
export { ActorRuntime } from './runtime.ts';
export type { ActorPorts, RuntimeOptions } from './options.ts';
export { DEFECTS_MAX, DELIVERIES_MAX } from './settle.ts';
