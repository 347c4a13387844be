import { QUESTION_BYTES_MAX } from '@troupe/contract';
import { ProcessSettings } from '@troupe/nats';
import { z } from 'zod';

/** The gateway's environment: which model answers, with whose key, and how much at once. */
export const GatewaySettings = ProcessSettings.extend({
  TROUPE_MODEL_PROVIDER: z.enum(['offline', 'openai', 'anthropic', 'scripted']).optional(),
  TROUPE_MODEL: z.string().optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: z.url().optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url().optional(),
  /** Model calls at once; more wait in the queue. */
  TROUPE_MODEL_CONCURRENCY: z.coerce.number().int().min(1).max(50_000).default(64),
  /** Questions that may wait; beyond that a question is answered "unavailable" at once. */
  TROUPE_MODEL_QUEUE_MAX: z.coerce.number().int().min(0).max(100_000).default(50_000),
  /** Bytes of all questions that wait or are asked; beyond that a question is answered "unavailable" at once. */
  TROUPE_MODEL_QUEUE_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(QUESTION_BYTES_MAX)
    .max(16 * 1024 ** 3)
    .default(48 * 1024 * 1024),
  /** Latency of the scripted provider, for benchmarks and fault tests. */
  TROUPE_SCRIPTED_LATENCY_MS: z.coerce.number().int().min(0).max(600_000).default(0),
  TROUPE_SCRIPTED_JITTER_MS: z.coerce.number().int().min(0).max(600_000).default(0),
});
export type GatewaySettings = z.infer<typeof GatewaySettings>;

/** What the providers' libraries read by themselves; a proxy is on the way to them alone. */
export const alsoReads = ['ANTHROPIC_*', 'OPENAI_*', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_USE_ENV_PROXY'];
