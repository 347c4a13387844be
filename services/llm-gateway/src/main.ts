import { launch, QuestionServer, readSettings, startProcess } from '@troupe/nats';
import { Answering } from './answering.ts';
import { gatewayMetrics } from './gateway-metrics.ts';
import { selectProvider } from './providers/select.ts';
import { role } from './role.ts';
import { GatewaySettings } from './settings.ts';

const CACHED_ANSWERS_MAX = 4_096;
const CACHED_BYTES_MAX = 32 * 1024 * 1024;

launch(async () => {
  const settings = readSettings(GatewaySettings, process.env);
  const provider = await selectProvider({
    provider: settings.TROUPE_MODEL_PROVIDER,
    model: settings.TROUPE_MODEL,
    anthropicApiKey: settings.ANTHROPIC_API_KEY,
    anthropicBaseUrl: settings.ANTHROPIC_BASE_URL,
    openaiApiKey: settings.OPENAI_API_KEY,
    openaiBaseUrl: settings.OPENAI_BASE_URL,
    scriptedLatencyMs: settings.TROUPE_SCRIPTED_LATENCY_MS,
    scriptedJitterMs: settings.TROUPE_SCRIPTED_JITTER_MS,
  });
  const running = await startProcess(role);
  const answering = new Answering(provider, {
    concurrency: settings.TROUPE_MODEL_CONCURRENCY,
    queueMax: settings.TROUPE_MODEL_QUEUE_MAX,
    queueBytesMax: settings.TROUPE_MODEL_QUEUE_BYTES_MAX,
    cacheMax: CACHED_ANSWERS_MAX,
    cacheBytesMax: CACHED_BYTES_MAX,
    onAnswer: gatewayMetrics(running.metrics, {
      waiting: () => answering.waiting,
      openBytes: () => answering.openBytes,
    }),
  });
  const server = new QuestionServer(running.bus, (bytes) => answering.answer(bytes), {
    onUnreadable: (ignored) => running.log.warn(ignored, 'ignored what cannot be read'),
  });
  running.onDrain((graceMs) => server.drain(graceMs));
  running.onReconnect(() => server.reconnected());
  server.start();
  running.log.info({ provider: provider.name }, 'answering');
});
