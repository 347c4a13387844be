import { z } from 'zod';
import { parse } from './parse.ts';
import { RunId, Token } from './identifiers.ts';
import { ModelRecord } from './model.ts';
import {
  AnswerRejected,
  CancelRequested,
  Noted,
  OutputApproved,
  OutputProposed,
  OutputRefused,
  RunEnded,
  RunRejected,
  RunStarted,
} from './run.ts';
import { TaskAssigned, TaskCompleted, TaskFailed } from './task.ts';
import { EffectStarted, GrantRefused, ToolDenied, ToolGranted, ToolRequested, ToolReturned } from './tool.ts';

/** The version of every message type that was never changed. */
export const SCHEMA_VERSION = 1;

/**
 * Types that were changed. Readers come before writers: one release raises `reads` (and adds a golden sample in
 * `test/wire/`), a later one `writes`, when no process is left that reads the version before only. A process leaves what
 * it cannot read to one that can.
 */
const RAISED: Readonly<Record<string, { reads: number; writes: number }>> = {};

/** The newest version of a type that this code reads; undefined for a type that it does not know. */
export const readsVersion = (type: string): number | undefined =>
  Types.has(type) ? (RAISED[type]?.reads ?? SCHEMA_VERSION) : undefined;

/** The version of a type that this code writes. */
export const writesVersion = (type: MessageType): number => RAISED[type]?.writes ?? SCHEMA_VERSION;

/** Where the content came from; joining takes the lowest: outside < agent < user. */
export const Integrity = z.enum(['user', 'agent', 'outside']);
export type Integrity = z.infer<typeof Integrity>;

/** What the holder may still spend. `deadlineAt` is Unix ms; steps and tool calls count for this task. */
export const Budget = z.object({
  tokens: z.int().nonnegative(),
  /** US dollars; left out if there is no such bound. */
  usd: z.number().nonnegative().optional(),
  toolCalls: z.int().nonnegative(),
  steps: z.int().nonnegative(),
  deadlineAt: z.int().nonnegative(),
});
export type Budget = z.infer<typeof Budget>;

/** All that every message carries beside its type and body. */
const envelope = {
  id: z.string().min(1).max(128),
  run: RunId,
  task: Token,
  v: z.int().positive(),
  /** Unix ms, by the writer's clock. */
  at: z.int().nonnegative(),
  /** The input that this message answers. */
  cause: z.string().min(1).max(128),
  tenant: Token,
  budget: Budget,
  integrity: Integrity,
  /** Which output of its step this is: `[index, count]`; a step with one output leaves it out. */
  part: z.tuple([z.int().nonnegative(), z.int().positive()]).optional(),
  /** Written before the outcome of its step was known: the ledger's *started*. Without a message after it, the outcome is not known. */
  ahead: z.literal(true).optional(),
  /** The version of the decider that made the step: half a step is not completed by another one unnoticed. */
  decider: z.string().min(1).max(64),
  /** On the first output of a step that asked a model. */
  model: ModelRecord.optional(),
};

/** A message as it is stored: no reader takes a version that it does not know for one that it does. */
function stored<Type extends string, Body extends z.ZodType>(
  content: z.ZodObject<{ type: z.ZodLiteral<Type>; body: Body }>,
) {
  const reads = RAISED[content.shape.type.value]?.reads ?? SCHEMA_VERSION;
  const v = z.int().positive().max(reads, 'was written by a newer version; update this process first');
  return content.extend({ ...envelope, v });
}

export const Message = z.discriminatedUnion('type', [
  stored(RunStarted),
  stored(RunRejected),
  stored(CancelRequested),
  stored(TaskAssigned),
  stored(TaskCompleted),
  stored(TaskFailed),
  stored(ToolRequested),
  stored(ToolGranted),
  stored(ToolDenied),
  stored(ToolReturned),
  stored(EffectStarted),
  stored(GrantRefused),
  stored(OutputProposed),
  stored(OutputApproved),
  stored(OutputRefused),
  stored(RunEnded),
  stored(AnswerRejected),
  stored(Noted),
]);
/** What is wrong with the content of a message that is about to be written, as a sentence; undefined if it fits. */
export function misfit({ type, body, budget }: Pick<Message, 'type' | 'body' | 'budget'>): string | undefined {
  // The rest of the envelope is the runtime's own, and the answer was checked when it came.
  const content = Contents.get(type);
  const parsed = content && parse(content, { body, budget });
  if (parsed === undefined || parsed.success) return undefined;
  const issue = parsed.error.issues[0];
  return `${type} would not fit its schema: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
}

const Contents = new Map<string, z.ZodType>(
  Message.options.map(({ shape }) => [shape.type.value, z.object({ body: shape.body, budget: Budget })]),
);

const Types = new Set<string>(Message.options.map(({ shape }) => shape.type.value));

export type Message = z.infer<typeof Message>;
export type MessageType = Message['type'];
export type MessageOf<Type extends MessageType> = Extract<Message, { type: Type }>;

/** The type and body of a message: what a decider writes; the runtime adds the envelope. */
export type Content<Type extends MessageType = MessageType> = Type extends MessageType
  ? Pick<MessageOf<Type>, 'type' | 'body'>
  : never;
