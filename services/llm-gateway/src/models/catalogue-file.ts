import { z } from 'zod';
import { EFFORTS } from './model.ts';

/** More than any model of today by far; what is larger is a slip. */
const TOKENS_MAX = 100_000_000;
const USD_MAX = 100_000;

const counted = (min: number, message: string) =>
  z.int(message).min(min, { message, abort: true }).max(TOKENS_MAX, message);
const Tokens = counted(1, 'must be a positive integer');
const Count = counted(0, 'must be a whole number of 0 or more');
const Usd = z.number('must be a number of US dollars').nonnegative('must be 0 or more').max(USD_MAX);
const Switch = z.boolean('must be true or false');
const Name = z.string('must be a name').min(1).max(256);

const SETTINGS = 'must hold settings by name';

const rates = { input: Usd, output: Usd, cache_read: Usd.optional(), cache_write: Usd.optional() };
const Rates = z.strictObject(rates, SETTINGS);
export type Rates = z.infer<typeof Rates>;

const Deviations = z.strictObject({
  output_limit: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  forced_choice: z.enum(['required', 'any']).optional(),
  usage_in_stream: Switch.optional(),
  short_call_ids: Switch.optional(),
});

/** One model as a file describes it; what the keys mean stands at the head of models.yaml. */
const ModelEntry = z.strictObject(
  {
    provider: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be a name in lower case')
      .optional(),
    api: z.enum(['messages', 'responses', 'chat']).optional(),
    family: Name.optional(),
    context_tokens: Tokens.optional(),
    output_tokens_max: Tokens.optional(),
    usd_per_million_tokens: Rates.optional(),
    usd_per_million_tokens_above: z
      .array(z.strictObject({ prompt_tokens: Tokens, ...rates }))
      .max(8)
      .optional(),
    forced_call: Switch.optional(),
    thinking: z.enum(['always', 'optional', 'never']).optional(),
    thinking_tokens: Count.optional(),
    efforts: z.array(z.enum(EFFORTS)).max(EFFORTS.length).optional(),
    strict_schema: z.enum(['anthropic', 'openai', 'none']).optional(),
    strict_tools_max: Count.optional(),
    echo: Switch.optional(),
    cache_markers: Switch.optional(),
    chars_per_token: z.number().min(0.25).max(16).optional(),
    deviations: Deviations.optional(),
  },
  SETTINGS,
);
export type ModelEntry = z.infer<typeof ModelEntry>;

const Route = z.array(Name).min(1, 'must name a model').max(32);

export const CatalogueFile = z.strictObject({
  models: z.record(Name, ModelEntry).default({}),
  routes: z.strictObject({ low: Route.optional(), medium: Route.optional(), high: Route.optional() }).default({}),
});
export type CatalogueFile = z.infer<typeof CatalogueFile>;
