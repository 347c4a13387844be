import { randomBytes } from 'node:crypto';
import {
  ActorRuntime,
  type AgentQuestion,
  type Performer,
  type RoleDecider,
  type RoleDeclaration,
  type RuntimeOptions,
} from '@troupe/actor';
import type { Answer } from '@troupe/contract';
import { actorTelemetry } from '@troupe/telemetry';
import { Admission } from '../admission/admission.ts';
import { ALONE } from '../admission/window.ts';
import { DelayReporter, DelayReports } from '../admission/delay-reports.ts';
import { MeteredJournal } from '../admission/metered-journal.ts';
import { ACK_WAIT_MS } from '../broker/topology.ts';
import { BrokerClock } from '../bus/broker-clock.ts';
import { Unreadable } from '../bus/unreadable.ts';
import { NatsDeadLetters } from '../ports/nats-dead-letters.ts';
import { NatsJournal } from '../ports/nats-journal.ts';
import { NatsMailbox } from '../ports/nats-mailbox.ts';
import { NatsTimers } from '../ports/nats-timers.ts';
import { NatsAsker } from '../questions/nats-asker.ts';
import { deciderVersion } from './decider-version.ts';
import { type RoleProcess, startProcess } from './role-process.ts';

/** An actor role's process on NATS. */
export interface ActorProcess<State, Q, A> {
  role: RoleDeclaration;
  decider: RoleDecider<State, Q, A>;
  performer: (running: RoleProcess, clock: BrokerClock) => Performer<Q, A>;
  /** What the decider decides with beside its code (rules, lists of roles), as text: part of its version. */
  configuration?: string;
  deadlinesOf?: RuntimeOptions<State, Q, A>['deadlinesOf'];
}

/** Runs an actor role until it is told to stop. */
export async function runActor<State, Q, A>(options: ActorProcess<State, Q, A>): Promise<RoleProcess> {
  const { role, decider, deadlinesOf, configuration = '' } = options;
  const version = deciderVersion(process.argv[1] ?? '', configuration);
  const running = await startProcess(role);
  const { bus, channel, log, metrics, settings } = running;
  const clock = new BrokerClock();
  const unreadable = new Unreadable((ignored) => log.warn(ignored, 'ignored what cannot be handled'));
  const admission = role.takesGoals ? admissionOf(running, unreadable) : undefined;
  const meter = admission ?? new DelayReporter(bus);
  const seen = { clock, unreadable, build: version, meter, admission };
  const mailbox = new NatsMailbox(bus, role, settings.TROUPE_IN_HAND_MAX, seen);
  running.onLost(() => mailbox.lost());
  running.onReconnect(() => mailbox.reconnected());
  running.readyWhile(() => mailbox.isAlive);
  const runtime = new ActorRuntime({
    role,
    decider,
    version,
    performer: options.performer(running, clock),
    telemetry: actorTelemetry(log, metrics),
    layout: bus.layout,
    ports: {
      mailbox,
      journal: new MeteredJournal(new NatsJournal(channel, bus.layout, clock), meter, (address) =>
        admission?.stored(address),
      ),
      timers: new NatsTimers(channel, bus.layout, role.name, randomBytes(6).toString('hex')),
      deadLetters: new NatsDeadLetters(channel, role.name),
      clock,
    },
    actorsMax: settings.TROUPE_ACTORS_MAX,
    keepAliveMs: Math.floor(ACK_WAIT_MS / 3) - 100,
    ...(deadlinesOf === undefined ? {} : { deadlinesOf }),
  });
  running.onDrain((graceMs) => runtime.drain(graceMs));
  await runtime.start();
  log.info({ decider: version }, 'taking messages');
  return running;
}

/** Paces the goals, and tells how. */
function admissionOf({ bus, metrics, settings }: RoleProcess, unreadable: Unreadable): Admission {
  const reports = new DelayReports(bus, unreadable);
  const admission = new Admission({
    others: () => reports.read(),
    runsMax: settings.TROUPE_RUNS_MAX,
    patience: bus.layout.tenants.length === 1 ? ALONE : 1,
    onHeld: (tenant) => metrics.held.inc({ tenant }),
  });
  metrics.gauge('troupe_runs_window', 'Runs that may be in flight.', () => admission.window);
  metrics.gauge('troupe_runs_in_flight', 'Runs begun here that have not ended.', () => admission.inFlight);
  metrics.gauge('troupe_goals_waiting', 'Goals that wait to be taken in.', () => admission.waiting);
  const delay = () => admission.delayMs / 1_000;
  metrics.gauge('troupe_message_delay_seconds', 'Mean delay of a message of a run.', delay);
  return admission;
}

/** An agent: an actor whose questions go to a model. */
export type AgentProcess<State> = Omit<ActorProcess<State, AgentQuestion, Answer>, 'performer'>;

/** Runs an agent until it is told to stop. */
export function runAgent<State>(options: AgentProcess<State>): Promise<RoleProcess> {
  return runActor({
    ...options,
    performer: ({ bus, log, metrics, onLost, onReconnect }, clock) => {
      const asker = new NatsAsker(bus, {
        now: () => clock.now(),
        onUnreadable: (ignored) => log.warn(ignored, 'ignored what cannot be read'),
      });
      metrics.gauge('troupe_unreadable', 'Replies and broadcasts ignored, unreadable.', () => asker.unreadable);
      onLost(() => asker.lost());
      onReconnect(() => asker.reconnected());
      return asker;
    },
  });
}
