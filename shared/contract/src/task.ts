import { z } from 'zod';
import { Artifact } from './artifact.ts';
import { GOAL_CHARS_MAX, PLAN_TASKS_MAX, TEXT_CHARS_MAX } from './limits.ts';
import { body } from './body.ts';

/** What a task costs or may cost. */
export const Spent = z.object({
  tokens: z.int().nonnegative(),
  costUsd: z.number().nonnegative().nullable(),
  modelCalls: z.int().nonnegative(),
  toolCalls: z.int().nonnegative(),
});
export type Spent = z.infer<typeof Spent>;

/**
 * The supervisor's word that a task may use tools: these, so often, until `deadlineAt` (Unix ms). Its signature
 * (base64url) is also over run, task, tenant and the role that was given the task, so it is good nowhere else.
 */
export const Warrant = z.object({
  tools: z.array(z.string().max(64)).max(32),
  toolCalls: z.int().nonnegative(),
  deadlineAt: z.int().nonnegative(),
  signature: z.string().min(1).max(128),
});
export type Warrant = z.infer<typeof Warrant>;

/** A task for one worker. `inputs` are the artifacts of the tasks it depends on; `tools` the only tools it may ask for. */
export const TaskAssigned = body(
  'task.assigned',
  z.object({
    goal: z.string().max(GOAL_CHARS_MAX),
    title: z.string().max(200),
    instructions: z.string().max(TEXT_CHARS_MAX),
    /** The model that the run insists on. */
    model: z.string().max(256).optional(),
    tools: z.array(z.string()).max(32),
    inputs: z.array(Artifact).max(PLAN_TASKS_MAX + 2),
    /** Which attempt at the same work this is, from 1; a revision is the next round. */
    round: z.int().positive(),
    /** Only for tasks that may use tools; a worker passes it on with each call that it asks for. */
    warrant: Warrant.optional(),
  }),
);

/** A worker's result. `shortfall` says why it is less than was asked for (a limit was reached). */
export const TaskCompleted = body(
  'task.completed',
  z.object({ artifact: Artifact, spent: Spent, shortfall: z.string().max(TEXT_CHARS_MAX).optional() }),
);

export const TaskFailed = body('task.failed', z.object({ reason: z.string().max(TEXT_CHARS_MAX), spent: Spent }));
