import { launch, QuestionServer, readSettings, startProcess } from '@troupe/nats';
import { Answering } from './answering.ts';
import type { CallObserver } from './calling/observer.ts';
import { gatewayMetrics, type GatewayMetrics } from './gateway-metrics.ts';
import { selectProvider } from './providers/select.ts';
import { role } from './role.ts';
import { GatewaySettings, providerSettings } from './settings.ts';

const CACHED_ANSWERS_MAX = 4_096;
const CACHED_BYTES_MAX = 32 * 1024 * 1024;

launch(async () => {
  const settings = readSettings(GatewaySettings, process.env);
  // A wrong setting is told before there is a process to measure.
  const late: { metrics?: GatewayMetrics } = {};
  const observer: CallObserver = {
    called: (call) => late.metrics?.called(call),
    repeated: (because, after) => late.metrics?.repeated(because, after),
    clamped: (model) => late.metrics?.clamped(model),
    breaker: (model, state) => late.metrics?.breaker(model, state),
  };
  const provider = await selectProvider({ ...providerSettings(settings), observer });
  const running = await startProcess(role);
  const answering = new Answering(provider, {
    concurrency: settings.TROUPE_MODEL_CONCURRENCY,
    queueMax: settings.TROUPE_MODEL_QUEUE_MAX,
    queueBytesMax: settings.TROUPE_MODEL_QUEUE_BYTES_MAX,
    cacheMax: CACHED_ANSWERS_MAX,
    cacheBytesMax: CACHED_BYTES_MAX,
    onAnswer: (answer, durationMs) => late.metrics?.answered(answer, durationMs),
  });
  late.metrics = gatewayMetrics(running.metrics, {
    waiting: () => answering.waiting,
    waitingTenants: () => answering.waitingTenants,
    openBytes: () => answering.openBytes,
  });
  const server = new QuestionServer(running.bus, (bytes, asker) => answering.answer(bytes, asker), {
    onUnreadable: (ignored) => running.log.warn(ignored, 'ignored what cannot be read'),
  });
  running.onDrain((graceMs) => server.drain(graceMs));
  running.onReconnect(() => server.reconnected());
  server.start();
  running.log.info({ provider: provider.name }, 'answering');
});
