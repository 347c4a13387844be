import { z } from 'zod';

const Unused = z.unknown().optional();
/** Parameters that OpenAI knows and these servers do not act on. */
const unused = {
  audio: Unused,
  frequency_penalty: Unused,
  logit_bias: Unused,
  metadata: Unused,
  modalities: Unused,
  moderation: Unused,
  prediction: Unused,
  presence_penalty: Unused,
  prompt_cache_options: Unused,
  prompt_cache_retention: Unused,
  safety_identifier: Unused,
  seed: Unused,
  service_tier: Unused,
  stop: Unused,
  store: Unused,
  user: Unused,
  verbosity: Unused,
  web_search_options: Unused,
};

const nullable = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().optional();
const Text = z.strictObject({ type: z.literal('text'), text: z.string() });
const Content = z.union([z.string(), z.array(Text)]);

/** Longer IDs are refused by OpenAI. */
export const CALL_ID_CHARS_MAX = 40;

const Call = z.strictObject({
  id: z.string().min(1).max(CALL_ID_CHARS_MAX),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().regex(/^[a-zA-Z0-9_-]+$/u), arguments: z.string() }),
  /** Gemini's alone: every other server that looks refuses it. */
  extra_content: z.strictObject({ google: z.strictObject({ thought_signature: z.string() }) }).optional(),
});

const Message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer', 'user']), content: Content, name: z.string().optional() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: nullable(Content),
    refusal: nullable(z.string()),
    name: z.string().optional(),
    tool_calls: z.array(Call).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: Content, tool_call_id: z.string().min(1) }),
]);
export type Message = z.infer<typeof Message>;

const Tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z
      .string()
      .max(64)
      .regex(/^[a-zA-Z0-9_-]+$/u, "string does not match pattern '^[a-zA-Z0-9_-]+$'"),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: nullable(z.boolean()),
  }),
});

const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required', 'any']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
]);

const ResponseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string().max(64),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()).optional(),
      strict: nullable(z.boolean()),
    }),
  }),
]);

/** `POST /v1/chat/completions`, as far as Troupe has a use for it, with what any of the servers knows. */
export const ChatRequest = z.strictObject({
  ...unused,
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).min(1).optional(),
  tool_choice: ToolChoice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_tokens: nullable(z.int().positive()),
  max_completion_tokens: nullable(z.int().positive()),
  reasoning_effort: nullable(z.string()),
  response_format: ResponseFormat.optional(),
  temperature: nullable(z.number().min(0).max(2)),
  top_p: nullable(z.number().min(0).max(1)),
  logprobs: nullable(z.boolean()),
  top_logprobs: nullable(z.int().min(0).max(20)),
  n: nullable(z.literal(1)),
  prompt_cache_key: z.string().max(64).optional(),
  stream: nullable(z.boolean()),
  stream_options: nullable(
    z.strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() }),
  ),
});
export type ChatRequest = z.infer<typeof ChatRequest>;
