import type { Input, LogLayout } from '@troupe/contract';
import type { ActorTelemetry } from '@troupe/telemetry';
import type { Clock, DeadLetters, Journal, Mailbox, Timers } from './ports.ts';
import type { Performer, RoleDecider, RoleDeclaration } from './role.ts';

/** What a process has of the bus. */
export interface ActorPorts {
  mailbox: Mailbox;
  journal: Journal;
  timers: Timers;
  deadLetters: DeadLetters;
  clock: Clock;
}

export interface RuntimeOptions<State, Q, A> {
  role: RoleDeclaration;
  decider: RoleDecider<State, Q, A>;
  /** What the decider is made of, code and configuration: messages carry it. */
  version: string;
  performer: Performer<Q, A>;
  ports: ActorPorts;
  layout: LogLayout;
  telemetry: ActorTelemetry;
  /** When the run of this input must be looked at again (Unix ms), if this input starts one. Pure. */
  deadlinesOf?: (state: State, input: Input) => readonly number[];
  /** Actors kept in memory. */
  actorsMax: number;
  /** One turn of the keep-alive wheel; less than a third of the ack wait. */
  keepAliveMs: number;
}
