import { QUESTION_BYTES_MAX } from '@troupe/contract';
import { ProcessSettings } from '@troupe/nats';
import { z } from 'zod';
import type { ProviderSettings } from './providers/select.ts';

/** An address is quoted where it cannot be reached; a key has a setting of its own. */
const Address = z.url().refine(isWithoutLogin, 'must hold no user and no password');

function isWithoutLogin(address: string): boolean {
  const url = URL.parse(address);
  return url?.username === '' && url.password === '';
}

/** The gateway's environment: which models answer, with whose key, and how much at once. */
export const GatewaySettings = ProcessSettings.extend({
  TROUPE_MODEL_PROVIDER: z.enum(['offline', 'scripted', 'anthropic', 'openai', 'compatible']).optional(),
  /** The one model that is asked everything. */
  TROUPE_MODEL: z.string().max(256).optional(),
  /** A file of models that extends and overrides models.yaml. */
  TROUPE_MODELS: z.string().optional().meta({ path: 'read' }),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: Address.optional(),
  OPENAI_API_KEY: z.string().optional(),
  /** A server that is compatible with OpenAI's. */
  OPENAI_BASE_URL: Address.optional(),
  TROUPE_OPENAI_API: z.enum(['responses', 'chat']).optional(),
  /** Model calls that are open at once; more wait in the queue. */
  TROUPE_MODEL_CONCURRENCY: z.coerce.number().int().min(1).max(50_000).default(64),
  /** Questions that may wait, about half of them one role's at most; beyond that one is answered "unavailable" at once. */
  TROUPE_MODEL_QUEUE_MAX: z.coerce.number().int().min(0).max(100_000).default(50_000),
  /** Bytes of all questions that wait or are asked, half of them one role's at most; beyond that one is "unavailable" at once. */
  TROUPE_MODEL_QUEUE_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(QUESTION_BYTES_MAX)
    .max(16 * 1024 ** 3)
    .default(96 * 1024 * 1024),
  /** Latency of the scripted provider, for benchmarks and fault tests. */
  TROUPE_SCRIPTED_LATENCY_MS: z.coerce.number().int().min(0).max(600_000).default(0),
  TROUPE_SCRIPTED_JITTER_MS: z.coerce.number().int().min(0).max(600_000).default(0),
});
export type GatewaySettings = z.infer<typeof GatewaySettings>;

/** What of it says who answers. */
export function providerSettings(settings: GatewaySettings): ProviderSettings {
  return {
    provider: settings.TROUPE_MODEL_PROVIDER,
    model: settings.TROUPE_MODEL,
    modelsFile: settings.TROUPE_MODELS,
    anthropicApiKey: settings.ANTHROPIC_API_KEY,
    anthropicBaseUrl: settings.ANTHROPIC_BASE_URL,
    openaiApiKey: settings.OPENAI_API_KEY,
    openaiBaseUrl: settings.OPENAI_BASE_URL,
    openaiApi: settings.TROUPE_OPENAI_API,
    scriptedLatencyMs: settings.TROUPE_SCRIPTED_LATENCY_MS,
    scriptedJitterMs: settings.TROUPE_SCRIPTED_JITTER_MS,
  };
}

/** What the providers' libraries read by themselves; a proxy is on the way to them alone. */
export const alsoReads = ['ANTHROPIC_*', 'OPENAI_*', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_USE_ENV_PROXY'];
