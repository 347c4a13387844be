import { z } from 'zod';
import { DEADLINE_MS_MAX, GOAL_CHARS_MAX, PLAN_TASKS_MAX, TOKENS_MAX, TOKENS_MIN, USD_MAX } from './limits.ts';
import { RunId, Token } from './identifiers.ts';

/** Tokens that a run may spend on models, in and out together, thinking included. */
export const TOKEN_PRESETS = { small: 5_000, medium: 15_000, large: 50_000, xlarge: 200_000 } as const;
const PRESETS = ['small', 'medium', 'large', 'xlarge'] as const;

/** What a publisher may set per goal. Unknown options are refused, so that a typing error is not silently a default. */
export const GoalOptions = z.strictObject({
  preset: z.enum(PRESETS).default('xlarge'),
  /** In place of the preset's. */
  tokens_max: z.int().min(TOKENS_MIN).max(TOKENS_MAX).optional(),
  /** US dollars that the run may spend on models; models without a known price are not asked then. */
  usd_max: z.number().positive().max(USD_MAX).optional(),
  /** The model that answers all questions of the run, by its name in the gateway's catalogue. */
  model: z.string().min(1).max(256).optional(),
  revisions_max: z.int().min(0).max(5).default(1),
  tasks_max: z.int().min(2).max(PLAN_TASKS_MAX).default(6),
  tool_calls_max: z.int().min(0).max(200).default(24),
  steps_per_task_max: z.int().min(2).max(32).default(10),
  deadline_ms: z.int().min(1_000).max(DEADLINE_MS_MAX).default(600_000),
});
export type GoalOptions = z.infer<typeof GoalOptions>;

/** Tokens that a run with these options may spend. */
export const tokensOf = ({ preset, tokens_max }: Pick<GoalOptions, 'preset' | 'tokens_max'>): number =>
  tokens_max ?? TOKEN_PRESETS[preset];

/** A goal as users publish it. `id` makes publishing idempotent: the same tenant and id never start a second run. */
export const Goal = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/, 'must be 1–128 of A–Z, a–z, 0–9 and "_.:-"')
    .optional(),
  goal: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(GOAL_CHARS_MAX, `must have at most ${GOAL_CHARS_MAX} characters`),
  options: GoalOptions.default(() => GoalOptions.parse({})),
});
export type Goal = z.infer<typeof Goal>;

/** A goal as the log holds it: read before, so that nothing is left to fill in. */
export const StoredGoal = z.object({
  id: z.string().max(128).optional(),
  goal: z.string().max(GOAL_CHARS_MAX),
  options: z.object({
    preset: z.enum(PRESETS),
    tokens_max: z.int().nonnegative().optional(),
    usd_max: z.number().nonnegative().optional(),
    model: z.string().max(256).optional(),
    revisions_max: z.int().nonnegative(),
    tasks_max: z.int().nonnegative(),
    tool_calls_max: z.int().nonnegative(),
    steps_per_task_max: z.int().nonnegative(),
    deadline_ms: z.int().nonnegative(),
  }),
});

/** A goal that was accepted into a run. */
export const AcceptedGoal = z.object({ tenant: Token, run: RunId, goal: Goal });
export type AcceptedGoal = z.infer<typeof AcceptedGoal>;
