import type { Input, LogLayout, MessageType } from '@troupe/contract';
import type { Clock, Journal } from './ports.ts';
import type { Performer, RoleDecider, RoleDeclaration } from './role.ts';

/** What a step needs of its process. */
export interface StepContext<State, Q, A> {
  role: RoleDeclaration;
  decider: RoleDecider<State, Q, A>;
  /** The version of the decider: each message says which one made it. */
  version: string;
  performer: Performer<Q, A>;
  journal: Journal;
  layout: LogLayout;
  clock: Clock;
  /** Aborted when the process must end at once: nothing is written after that. */
  signal: AbortSignal;
  onConflict(type: MessageType | Input['type']): void;
  /** A step that another version of the decider began was completed by this one. */
  onForeignStep(input: Input, version: string): void;
}
