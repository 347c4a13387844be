import { randomBytes } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import {
  type AgentQuestion,
  ActorRuntime,
  type Performer,
  type RoleDecider,
  type RoleDeclaration,
} from '@troupe/actor';
import type { Answer, Input } from '@troupe/contract';
import { actorTelemetry, createLogger, createMetrics, type Logger, type Metrics, serveHealth } from '@troupe/telemetry';
import { type Bus, connectAs } from '../bus/connect.ts';
import { NatsAsker } from '../questions/nats-asker.ts';
import { NatsDeadLetters } from '../ports/nats-dead-letters.ts';
import { NatsJournal } from '../ports/nats-journal.ts';
import { NatsMailbox } from '../ports/nats-mailbox.ts';
import { NatsTimers } from '../ports/nats-timers.ts';
import { RequestChannel } from '../bus/request-channel.ts';
import { ProcessSettings, readSettings } from './settings.ts';
import { ACK_WAIT_MS } from '../broker/topology.ts';

const REPLY_TIMEOUT_MS = 5_000;

/** What a role's process has: for gateways that serve more than a mailbox. */
export interface RoleProcess {
  bus: Bus;
  log: Logger;
  metrics: Metrics;
  settings: ProcessSettings;
  channel: RequestChannel;
  /** Called in order on SIGTERM and SIGINT; each gets the grace period in ms. */
  onDrain(step: (graceMs: number) => Promise<void>): void;
  /** Called after each reconnect. */
  onReconnect(step: () => void): void;
}

/** Connects a role's process: settings, log, metrics and health, NATS, orderly shutdown. */
export async function startProcess(role: RoleDeclaration): Promise<RoleProcess> {
  const settings = readSettings(ProcessSettings, process.env);
  const log = createLogger({ role: role.name, level: settings.TROUPE_LOG_LEVEL });
  const metrics = createMetrics(role.name);
  let connected = false;
  const health = await serveHealth({
    host: settings.TROUPE_METRICS_HOST,
    port: settings.TROUPE_METRICS_PORT,
    registry: metrics.registry,
    isReady: () => connected,
  });
  tellLauncher(health.port);
  const bus = await connectAs(role.name, { url: settings.NATS_URL, authDir: settings.TROUPE_AUTH_DIR }, true);
  connected = true;
  const channel = new RequestChannel(bus, REPLY_TIMEOUT_MS);
  const reconnectSteps: (() => void)[] = [];
  const drainSteps: ((graceMs: number) => Promise<void>)[] = [];
  void watchConnection(bus, log, channel, (up) => {
    connected = up;
    if (up) for (const step of reconnectSteps) step();
  });
  let stopping = false;
  const stop = async (reason: string): Promise<void> => {
    // A second Ctrl-C, or a signal that comes by two ways, must not cut the first one's drain short.
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'draining');
    connected = false;
    for (const step of drainSteps) await step(settings.TROUPE_DRAIN_MS);
    // A connection that is closed already has nothing to drain.
    const drained = bus.nc.drain().catch(() => undefined);
    await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
    channel.close();
    await health.close();
    log.info('stopped');
    process.exit(0);
  };
  // The client gives up for good when its credentials are refused twice: only a restart can help, with a reason.
  void bus.nc.closed().then((error) => {
    if (stopping) return;
    log.fatal(
      { reason: error instanceof Error ? error.message : 'closed' },
      'the connection to NATS is closed for good',
    );
    process.exit(1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  onParentGone(() => void stop('the launcher is gone'));
  log.info({ metricsPort: health.port, nats: bus.nc.getServer() }, 'ready');
  // A process that is killed writes no cache on its way out, and a quick restart is what the cache is for.
  flushCompileCache();
  return {
    bus,
    log,
    metrics,
    settings,
    channel,
    onDrain: (step) => drainSteps.push(step),
    onReconnect: (step) => reconnectSteps.push(step),
  };
}

/** Standard output is the launcher's: it learns where to ask whether the process lives, whatever the level of the log. */
function tellLauncher(metricsPort: number): void {
  if (process.env['TROUPE_EXIT_WITH_PARENT'] === '1') process.stdout.write(`${JSON.stringify({ metricsPort })}\n`);
}

/** A launcher that is killed cannot end its processes: with TROUPE_EXIT_WITH_PARENT=1 the end of stdin tells them. */
function onParentGone(gone: () => void): void {
  if (process.env['TROUPE_EXIT_WITH_PARENT'] !== '1') return;
  process.stdin.once('end', gone).once('error', gone).resume();
}

async function watchConnection(
  bus: Bus,
  log: Logger,
  channel: RequestChannel,
  changed: (up: boolean) => void,
): Promise<void> {
  for await (const status of bus.nc.status()) {
    if (status.type === 'disconnect') {
      log.warn('the connection to NATS is lost; reconnecting');
      channel.rejectAll('the connection to NATS was lost');
      changed(false);
    } else if (status.type === 'reconnect') {
      log.info('reconnected to NATS');
      changed(true);
    } else if (status.type === 'error') {
      log.error({ reason: status.error.message }, 'NATS refused something');
    }
  }
}

/** An actor role's process on NATS. `performer` is left out by agents: their questions go to llm-gateway. */
export interface ActorProcess<State, Q, A> {
  role: RoleDeclaration;
  decider: RoleDecider<State, Q, A>;
  performer: (running: RoleProcess) => Performer<Q, A>;
  deadlineOf?: (input: Input) => number | undefined;
}

/** Runs an actor role until it is told to stop. */
export async function runActor<State, Q, A>(options: ActorProcess<State, Q, A>): Promise<RoleProcess> {
  const running = await startProcess(options.role);
  const { bus, channel, log, metrics, settings } = running;
  const { role, decider, deadlineOf } = options;
  const mailbox = new NatsMailbox(bus, role, settings.TROUPE_IN_HAND_MAX);
  running.onReconnect(() => mailbox.reconnected());
  const runtime = new ActorRuntime({
    role,
    decider,
    performer: options.performer(running),
    telemetry: actorTelemetry(log, metrics),
    ports: {
      mailbox,
      journal: new NatsJournal(channel),
      timers: new NatsTimers(channel, role.name, randomBytes(6).toString('hex')),
      deadLetters: new NatsDeadLetters(channel, role.name),
      clock: { now: () => Date.now() },
    },
    actorsMax: settings.TROUPE_ACTORS_MAX,
    keepAliveMs: Math.floor(ACK_WAIT_MS / 3) - 100,
    ...(deadlineOf === undefined ? {} : { deadlineOf }),
  });
  running.onDrain((graceMs) => runtime.drain(graceMs));
  await runtime.start();
  return running;
}

/** Runs an agent: an actor whose questions go to a model. */
export function runAgent<State>(options: {
  role: RoleDeclaration;
  decider: RoleDecider<State, AgentQuestion, Answer>;
  deadlineOf?: (input: Input) => number | undefined;
}): Promise<RoleProcess> {
  return runActor({
    ...options,
    performer: ({ bus, onReconnect }) => {
      const asker = new NatsAsker(bus);
      onReconnect(() => asker.reconnected());
      return asker;
    },
  });
}

/** Starts a process; a failure to start is one sentence on standard error and exit code 1. */
export function launch(start: () => Promise<unknown>): void {
  start().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
