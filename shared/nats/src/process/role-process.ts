import { flushCompileCache } from 'node:module';
import type { RoleDeclaration } from '@troupe/actor';
import { createLogger, createMetrics, type Logger, type Metrics, serveHealth } from '@troupe/telemetry';
import { type Bus, connectAs } from '../bus/connect.ts';
import { RequestChannel } from '../bus/request-channel.ts';
import { ProcessSettings, readSettings } from './settings.ts';

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
  /** Called when the connection is lost, and after each reconnect. */
  onLost(step: () => void): void;
  onReconnect(step: () => void): void;
  /** The process is ready only while this says so, too. */
  readyWhile(condition: () => boolean): void;
}

/** Connects a role's process: settings, log, metrics and health, NATS, orderly shutdown. */
export async function startProcess(role: RoleDeclaration): Promise<RoleProcess> {
  const settings = readSettings(ProcessSettings, process.env);
  const log = createLogger({ role: role.name, level: settings.TROUPE_LOG_LEVEL });
  const metrics = createMetrics(role.name);
  let connected = false;
  const conditions: (() => boolean)[] = [];
  const health = await serveHealth({
    host: settings.TROUPE_METRICS_HOST,
    names: settings.TROUPE_METRICS_NAMES,
    port: settings.TROUPE_METRICS_PORT,
    registry: metrics.registry,
    isReady: () => connected && conditions.every((holds) => holds()),
  });
  tellLauncher(health.port);
  const bus = await connectAs(role.name, { url: settings.NATS_URL, authDir: settings.TROUPE_AUTH_DIR }, true);
  connected = true;
  const channel = new RequestChannel(bus, REPLY_TIMEOUT_MS);
  const lostSteps: (() => void)[] = [];
  const reconnectSteps: (() => void)[] = [];
  const drainSteps: ((graceMs: number) => Promise<void>)[] = [];
  void watchConnection(bus, log, channel, (up) => {
    connected = up;
    for (const step of up ? reconnectSteps : lostSteps) step();
  });
  let stopping = false;
  const stop = async (reason: string): Promise<void> => {
    // A second Ctrl-C, or a signal that comes by two ways, must not cut the first one's drain short.
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'draining');
    connected = false;
    for (const step of drainSteps) await step(settings.TROUPE_DRAIN_MS);
    // The last acks may still wait for something to ride along with.
    bus.outbox.flush();
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
    onLost: (step) => lostSteps.push(step),
    onReconnect: (step) => reconnectSteps.push(step),
    readyWhile: (condition) => conditions.push(condition),
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
      // From here on everything is held: what is asked while it is away is sent when it is back.
      bus.outbox.hold();
      channel.rejectAll('the connection to NATS was lost');
      changed(false);
    } else if (status.type === 'reconnect') {
      log.info('reconnected to NATS');
      bus.outbox.release();
      changed(true);
    } else if (status.type === 'error') {
      log.error({ reason: status.error.message }, 'NATS refused something');
    }
  }
}
