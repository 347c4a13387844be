import { z } from 'zod';
import { Source } from './artifact.ts';
import {
  GOAL_CHARS_MAX,
  REASON_CHARS_MAX,
  REPORT_CHARS_MAX,
  RESULT_CHARS_MAX,
  SOURCES_MAX,
  TEXT_CHARS_MAX,
} from './limits.ts';
import { body } from './body.ts';
import { StoredGoal } from './goal.ts';
import { Spent } from './task.ts';

/** The first message of every run, from people by way of the intake. `decider` of its envelope is the configuration's digest. */
export const RunStarted = body('run.started', z.object({ goal: StoredGoal }));
/** The first and, with its result, only message of a run whose goal cannot be read. */
export const RunRejected = body(
  'run.rejected',
  z.object({ reason: z.string().max(REASON_CHARS_MAX), excerpt: z.string().max(TEXT_CHARS_MAX) }),
);
export const CancelRequested = body('cancel.requested', z.object({}));

const Sources = z.array(Source).max(SOURCES_MAX);

/**
 * All of a result that others than its user wrote, before it leaves: the guard masks it, makes it harmless or refuses it.
 * A run that failed before there was a report has an empty one and a reason. `goal` says what may be linked to.
 */
export const OutputProposed = body(
  'output.proposed',
  z.object({
    goal: z.string().max(GOAL_CHARS_MAX),
    markdown: z.string().max(REPORT_CHARS_MAX),
    sources: Sources,
    reason: z.string().max(REASON_CHARS_MAX).optional(),
  }),
);
/** The report with its list of sources, and the reason, exactly as they leave. Counts are places that were changed. */
export const OutputApproved = body(
  'output.approved',
  z.object({
    markdown: z.string().max(RESULT_CHARS_MAX),
    reason: z.string().max(REASON_CHARS_MAX).optional(),
    masked: z.int().nonnegative(),
    neutralised: z.int().nonnegative(),
  }),
);
export const OutputRefused = body('output.refused', z.object({ reason: z.string().max(TEXT_CHARS_MAX) }));

export const RUN_STATUSES = ['completed', 'partial', 'failed', 'cancelled', 'rejected'] as const;

/**
 * The one result of a run. `partial`: there is a report, and `reason` says what is missing from it.
 * `markdown` ends with a `## Sources` section whose numbers are the `[n]` of the text.
 */
export const RunEnded = body(
  'run.ended',
  z.object({
    status: z.enum(RUN_STATUSES),
    reason: z.string().max(TEXT_CHARS_MAX).optional(),
    goal: z.string(),
    markdown: z.string().max(RESULT_CHARS_MAX),
    spent: Spent,
    startedAt: z.int().nonnegative(),
  }),
);

/** A mark (A2): the input was taken in and nobody needs to be told. */
export const Noted = body('noted', z.object({ what: z.string().max(TEXT_CHARS_MAX) }));

/** To oneself: a model's answer could not be used, and is asked for again with this complaint. Bounded per task. */
export const AnswerRejected = body('answer.rejected', z.object({ complaint: z.string().max(TEXT_CHARS_MAX) }));
