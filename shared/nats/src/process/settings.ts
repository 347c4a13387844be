import { LOG_LEVELS } from '@troupe/telemetry';
import { z } from 'zod';

/** What every role process reads from its environment. The README's table lists them; units are last in the names. */
export const ProcessSettings = z.object({
  NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  TROUPE_AUTH_DIR: z.string().default('.troupe/auth'),
  TROUPE_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  TROUPE_METRICS_HOST: z.string().default('127.0.0.1'),
  /** Names by which others may call it, separated by commas, beside the address that it listens on. */
  TROUPE_METRICS_NAMES: z
    .string()
    .default('')
    .transform((names) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
  TROUPE_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Actors kept in memory per process. */
  TROUPE_ACTORS_MAX: z.coerce.number().int().min(16).max(1_000_000).default(20_000),
  /** Deliveries taken but not settled per process. */
  TROUPE_IN_HAND_MAX: z.coerce.number().int().min(1).max(50_000).default(16_384),
  /** Runs in flight that a process has begun, at most: of those roles that take goals. */
  TROUPE_RUNS_MAX: z.coerce.number().int().min(1).max(1_000_000).default(16_384),
  TROUPE_DRAIN_MS: z.coerce.number().int().min(0).max(600_000).default(10_000),
});
export type ProcessSettings = z.infer<typeof ProcessSettings>;

/** How many servers keep a copy of each stream: an even number is no safer than the one below it. */
const REPLICAS = [1, 3, 5];

/** What decides how the streams are made, beside the roles. */
export const TopologySettings = z.object({
  TROUPE_STREAM_REPLICAS: z.coerce
    .number()
    .refine((replicas) => REPLICAS.includes(replicas), `must be ${REPLICAS.join(', ')}`)
    .default(1),
});

/** Reads settings; throws one sentence that names each wrong variable. Empty variables count as not set. */
export function readSettings<Settings>(schema: z.ZodType<Settings>, environment: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The configuration is not valid. ${wrong.join('; ')}`);
}
