import { z } from 'zod';
import { Arguments } from './arguments.ts';
import { isPlainObject, type JsonBounds, jsonSize } from './json-size.ts';
import {
  ARGUMENT_CHARS_MAX,
  CALL_CHARS_MAX,
  CALLS_PER_ANSWER_MAX,
  JSON_DEPTH_MAX,
  JSON_NODES_MAX,
  OUTPUT_TOKENS_MAX,
  QUESTION_BYTES_MAX,
  QUESTION_NODES_MAX,
  QUESTION_TIMEOUT_MS_MAX,
  REPORT_CHARS_MAX,
  SYSTEM_CHARS_MAX,
  TEXT_CHARS_MAX,
  TOOL_CHARS_MAX,
  TOOL_CONTENT_CHARS_MAX,
  TOOLS_PER_QUESTION_MAX,
  TURNS_MAX,
} from './limits.ts';

/**
 * A list that is counted before anything in it is looked at. `z.array(…).max(…)` checks all elements first, and says
 * of each what is wrong with it: 144 KB of empty maps are 330 MB of complaints.
 */
function listOf<Element extends z.ZodType>(element: Element, countMax: number, countMin = 0) {
  return z.array(z.unknown()).min(countMin).max(countMax).pipe(z.array(element));
}

/** A JSON object as it came: not copied, and walked only as far as its bounds allow. */
function jsonObject(charsMax: number) {
  const bounds: JsonBounds = { charsMax, nodesMax: JSON_NODES_MAX, depthMax: JSON_DEPTH_MAX };
  return z.custom<Record<string, unknown>>(
    (value) => isPlainObject(value) && jsonSize(value, bounds) !== undefined,
    `must be a JSON object of at most ${charsMax} characters, ${JSON_NODES_MAX} values and ${JSON_DEPTH_MAX} levels`,
  );
}

const CallId = z.string().min(1).max(128);
const ToolName = z.string().min(1).max(64);

/** A call that a model asks for. `arguments` is parsed JSON; whether it fits the tool is decided later. */
export const ToolCall = z.object({
  id: CallId,
  name: ToolName,
  arguments: Arguments.pipe(jsonObject(CALL_CHARS_MAX)),
});
export type ToolCall = z.infer<typeof ToolCall>;

const ToolCalls = listOf(ToolCall, CALLS_PER_ANSWER_MAX);

/** One turn of a conversation with a model, in no provider's dialect. */
export const Turn = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string().max(QUESTION_BYTES_MAX) }),
  z.object({ role: z.literal('assistant'), text: z.string().max(REPORT_CHARS_MAX), toolCalls: ToolCalls }),
  z.object({
    role: z.literal('tool'),
    callId: CallId,
    name: ToolName,
    text: z.string().max(TOOL_CONTENT_CHARS_MAX),
    failed: z.boolean(),
  }),
]);
export type Turn = z.infer<typeof Turn>;

/** A tool as a model sees it; `parameters` is JSON Schema (an object schema). */
export const ToolOffer = z.object({
  name: ToolName,
  description: z.string().max(TEXT_CHARS_MAX),
  parameters: jsonObject(TOOL_CHARS_MAX),
});
export type ToolOffer = z.infer<typeof ToolOffer>;

const TURNS_BOUNDS: JsonBounds = {
  charsMax: QUESTION_BYTES_MAX,
  nodesMax: QUESTION_NODES_MAX,
  depthMax: JSON_DEPTH_MAX + 4,
};

/**
 * A question to a model. Its `id` derives from run, task and step, so that a question asked again after a crash
 * can be answered from the call in flight. `mustCall` says that the answer has to be a tool call.
 */
export const Question = z.object({
  id: z.string().min(1).max(256),
  system: z.string().max(SYSTEM_CHARS_MAX),
  turns: listOf(Turn, TURNS_MAX, 1).refine(
    (turns) => jsonSize(turns, TURNS_BOUNDS) !== undefined,
    `must hold at most ${QUESTION_NODES_MAX} values and ${QUESTION_BYTES_MAX} characters`,
  ),
  tools: listOf(ToolOffer, TOOLS_PER_QUESTION_MAX),
  mustCall: z.boolean(),
  outputTokensMax: z.int().positive().max(OUTPUT_TOKENS_MAX),
  timeoutMs: z.int().positive().max(QUESTION_TIMEOUT_MS_MAX),
});
export type Question = z.infer<typeof Question>;

export const Usage = z.object({ inputTokens: z.int().nonnegative(), outputTokens: z.int().nonnegative() });
export type Usage = z.infer<typeof Usage>;

/** `costUsd` is null when the model's price is not known. */
export const Answered = z.object({
  ok: z.literal(true),
  provider: z.string().max(128),
  model: z.string().max(256),
  text: z.string().max(REPORT_CHARS_MAX),
  toolCalls: ToolCalls,
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
export const ModelRecord = z.object({ question: z.string().max(128), answer: Answer });
export type ModelRecord = z.infer<typeof ModelRecord>;
