import { z } from 'zod';
import { Arguments } from './arguments.ts';
import { RunId, Token } from './identifiers.ts';
import { isPlainObject, type JsonBounds, jsonSize } from './json-size.ts';
import {
  ARGUMENT_CHARS_MAX,
  CALL_CHARS_MAX,
  CALLS_PER_ANSWER_MAX,
  ECHO_CHARS_MAX,
  ECHO_DEPTH_MAX,
  ECHO_PARTS_MAX,
  JSON_DEPTH_MAX,
  JSON_NODES_MAX,
  OUTPUT_TOKENS_MAX,
  QUESTION_BYTES_MAX,
  QUESTION_NODES_MAX,
  QUESTION_TIMEOUT_MS_MAX,
  REPORT_CHARS_MAX,
  SYSTEM_CHARS_MAX,
  TEXT_CHARS_MAX,
  TOKENS_MAX,
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
function jsonObject(charsMax: number, nodesMax = JSON_NODES_MAX) {
  const bounds: JsonBounds = { charsMax, nodesMax, depthMax: JSON_DEPTH_MAX };
  return z.custom<Record<string, unknown>>(
    (value) => isPlainObject(value) && jsonSize(value, bounds) !== undefined,
    `must be a JSON object of at most ${charsMax} characters, ${nodesMax} values and ${JSON_DEPTH_MAX} levels`,
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

/**
 * One block of a model's answer, in its order. What is in the answer's own fields is only pointed at: the next `chars`
 * characters of its text, or the call at index `call` of its calls. `block` is nothing that Troupe reads (thinking with
 * its signature, encrypted reasoning); `extra` is what else the provider's block of a text or call held.
 */
const EchoPart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opaque'), block: jsonObject(ECHO_CHARS_MAX) }),
  z.object({
    kind: z.literal('text'),
    chars: z.int().nonnegative().max(REPORT_CHARS_MAX),
    extra: jsonObject(ECHO_CHARS_MAX).optional(),
  }),
  z.object({
    kind: z.literal('call'),
    call: z.int().nonnegative().max(CALLS_PER_ANSWER_MAX),
    extra: jsonObject(ECHO_CHARS_MAX).optional(),
  }),
]);
export type EchoPart = z.infer<typeof EchoPart>;

const ECHO_BOUNDS: JsonBounds = { charsMax: ECHO_CHARS_MAX, nodesMax: JSON_NODES_MAX, depthMax: ECHO_DEPTH_MAX };

/**
 * An answer's blocks as its provider wants them back with the next question, for that provider and model alone: all of
 * them or none. An echo over its bounds is left out as a whole.
 */
export const Echo = z.object({
  provider: z.string().min(1).max(128),
  model: z.string().min(1).max(256),
  parts: listOf(EchoPart, ECHO_PARTS_MAX).refine(
    (parts) => jsonSize(parts, ECHO_BOUNDS) !== undefined,
    `must hold at most ${ECHO_CHARS_MAX} characters`,
  ),
});
export type Echo = z.infer<typeof Echo>;

/** One turn of a conversation with a model, in no provider's dialect. */
export const Turn = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string().max(QUESTION_BYTES_MAX) }),
  z.object({
    role: z.literal('assistant'),
    text: z.string().max(REPORT_CHARS_MAX),
    toolCalls: ToolCalls,
    echo: Echo.optional(),
  }),
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

/** How able a model has to be: a route of models stands behind each. */
export const TIERS = ['low', 'medium', 'high'] as const;
export type Tier = (typeof TIERS)[number];
/** What an answer is for. Models are chosen by it. */
export const PURPOSES = ['plan', 'search', 'extract', 'draft', 'critique', 'synthesis'] as const;
export type Purpose = (typeof PURPOSES)[number];

/**
 * A question to a model. Its `id` derives from run, task and step, so that a question asked again after a crash
 * can be answered from the call in flight. `tenant` and `role` have to be those of the subject that it is asked on.
 */
export const Question = z.object({
  id: z.string().min(1).max(256),
  tenant: Token,
  run: RunId,
  role: Token,
  tier: z.enum(TIERS),
  purpose: z.enum(PURPOSES),
  /** The model that the run insists on, by its name in the gateway's catalogue. */
  model: z.string().min(1).max(256).optional(),
  system: z.string().max(SYSTEM_CHARS_MAX),
  turns: listOf(Turn, TURNS_MAX, 1).refine(
    (turns) => jsonSize(turns, TURNS_BOUNDS) !== undefined,
    `must hold at most ${QUESTION_NODES_MAX} values and ${QUESTION_BYTES_MAX} characters`,
  ),
  tools: listOf(ToolOffer, TOOLS_PER_QUESTION_MAX),
  /** The answer has to be a tool call. */
  mustCall: z.boolean(),
  /** The one tool that may be called now. The others are still offered: a prompt whose beginning changes is paid anew. */
  only: ToolName.optional(),
  /** What a deterministic provider (offline, scripted) needs in place of the prompt. No model ever sees it. */
  facts: jsonObject(QUESTION_BYTES_MAX, QUESTION_NODES_MAX).optional(),
  /** Tokens of the answer as it is handed in, without what a model thinks before. */
  outputTokensMax: z.int().positive().max(OUTPUT_TOKENS_MAX),
  /** Tokens, in and out and thinking included, that this question may cost with all its retries. */
  tokensMax: z.int().positive().max(TOKENS_MAX),
  /** The same in US dollars; left out if there is no such bound. */
  usdMax: z.number().nonnegative().optional(),
  timeoutMs: z.int().positive().max(QUESTION_TIMEOUT_MS_MAX),
  /** When the run ends at the latest (Unix ms): nobody wants to know any more. */
  deadlineAt: z.int().nonnegative().optional(),
});
export type Question = z.infer<typeof Question>;

/** Tokens as a provider counted them, or estimated where it did not. */
export const Usage = z.object({
  /** The whole prompt, what came from or went into a cache included. */
  inputTokens: z.int().nonnegative(),
  /** All that was written, thinking included. */
  outputTokens: z.int().nonnegative(),
  /** Of the input: read from the provider's cache. */
  cacheReadTokens: z.int().nonnegative().optional(),
  /** Of the input: written to it. */
  cacheWriteTokens: z.int().nonnegative().optional(),
  /** Of the output: thinking. */
  thinkingTokens: z.int().nonnegative().optional(),
});
export type Usage = z.infer<typeof Usage>;

/** `costUsd` is null when the model's price is not known. */
export const Answered = z.object({
  ok: z.literal(true),
  provider: z.string().max(128),
  model: z.string().max(256),
  text: z.string().max(REPORT_CHARS_MAX),
  toolCalls: ToolCalls,
  echo: Echo.optional(),
  stop: z.enum(['end', 'tools', 'length']),
  usage: Usage,
  costUsd: z.number().nonnegative().nullable(),
});
export type Answered = z.infer<typeof Answered>;

/**
 * `timeout`: no answer in time. `unavailable`: nobody answers just now, asking later may help. `rejected`: the provider
 * refuses requests like this one. `malformed`: an answer came that nobody can read. `refused`: the model will not answer
 * this. `too_long`: the prompt does not fit any model of the route. `budget`: the question may not cost what it would.
 * `unauthorised`: a wrong key, or a question in somebody else's name. `spent`: the account's limit is reached.
 */
export const FAILURES = [
  'timeout',
  'unavailable',
  'rejected',
  'malformed',
  'refused',
  'too_long',
  'budget',
  'unauthorised',
  'spent',
] as const;

/** A model's failure is data: the agent decides what it means for its task. What it cost was paid all the same. */
export const Unanswered = z.object({
  ok: z.literal(false),
  kind: z.enum(FAILURES),
  message: z.string().max(ARGUMENT_CHARS_MAX),
  usage: Usage.optional(),
  costUsd: z.number().nonnegative().nullable().optional(),
});
export type Unanswered = z.infer<typeof Unanswered>;

export const Answer = z.discriminatedUnion('ok', [Answered, Unanswered]);
export type Answer = z.infer<typeof Answer>;

/** What the log keeps of a question: the answer and the SHA-256 (hex) of the question, never the prompt itself. */
export const ModelRecord = z.object({ question: z.string().max(128), answer: Answer });
export type ModelRecord = z.infer<typeof ModelRecord>;
