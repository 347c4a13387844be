import { z } from 'zod';
import { Arguments } from './arguments.ts';
import { ARGUMENT_CHARS_MAX, CALLS_PER_ANSWER_MAX, REPORT_CHARS_MAX } from './limits.ts';

/** A call that a model asks for. `arguments` is parsed JSON; whether it fits the tool is decided later. */
export const ToolCall = z.object({
  id: z.string().min(1).max(128),
  name: z.string().min(1).max(64),
  arguments: Arguments,
});
export type ToolCall = z.infer<typeof ToolCall>;

/** One turn of a conversation with a model, in no provider's dialect. */
export const Turn = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string() }),
  z.object({ role: z.literal('assistant'), text: z.string(), toolCalls: z.array(ToolCall) }),
  z.object({ role: z.literal('tool'), callId: z.string(), name: z.string(), text: z.string(), failed: z.boolean() }),
]);
export type Turn = z.infer<typeof Turn>;

/** A tool as a model sees it; `parameters` is JSON Schema (an object schema). */
export const ToolOffer = z.object({
  name: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
});
export type ToolOffer = z.infer<typeof ToolOffer>;

/**
 * A question to a model. Its `id` derives from run, task and step, so that a question asked again after a crash
 * can be answered from the call in flight. `mustCall` says that the answer has to be a tool call.
 */
export const Question = z.object({
  id: z.string().min(1).max(256),
  system: z.string(),
  turns: z.array(Turn).min(1),
  tools: z.array(ToolOffer),
  mustCall: z.boolean(),
  outputTokensMax: z.int().positive(),
  timeoutMs: z.int().positive(),
});
export type Question = z.infer<typeof Question>;

export const Usage = z.object({ inputTokens: z.int().nonnegative(), outputTokens: z.int().nonnegative() });
export type Usage = z.infer<typeof Usage>;

/** `costUsd` is null when the model's price is not known. */
export const Answered = z.object({
  ok: z.literal(true),
  provider: z.string(),
  model: z.string(),
  text: z.string().max(REPORT_CHARS_MAX),
  toolCalls: z.array(ToolCall).max(CALLS_PER_ANSWER_MAX),
  stop: z.enum(['end', 'tools', 'length', 'refusal']),
  usage: Usage,
  costUsd: z.number().nonnegative().nullable(),
});
export type Answered = z.infer<typeof Answered>;

/** A model's failure is data: the agent decides what it means for its task. */
export const Unanswered = z.object({
  ok: z.literal(false),
  kind: z.enum(['timeout', 'unavailable', 'rejected', 'malformed']),
  message: z.string().max(ARGUMENT_CHARS_MAX),
});
export type Unanswered = z.infer<typeof Unanswered>;

export const Answer = z.discriminatedUnion('ok', [Answered, Unanswered]);
export type Answer = z.infer<typeof Answer>;

/** What the log keeps of a question: the answer and the SHA-256 (hex) of the question, never the prompt itself. */
export const ModelRecord = z.object({ question: z.string(), answer: Answer });
export type ModelRecord = z.infer<typeof ModelRecord>;
