import { z } from 'zod';

/** Parameters that the API knows and this server does not act on. */
const Unused = z.unknown().optional();
const unused = {
  access_programs: Unused,
  context_management: Unused,
  conversation: Unused,
  image: Unused,
  max_tool_calls: Unused,
  moderation: Unused,
  prompt: Unused,
  prompt_cache_options: Unused,
  prompt_cache_retention: Unused,
  safety_identifier: Unused,
  service_tier: Unused,
  stream_options: Unused,
  truncation: Unused,
  user: Unused,
};

const nullable = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().optional();
const Status = z.enum(['in_progress', 'completed', 'incomplete']);
const Phase = nullable(z.enum(['commentary', 'final_answer']));
/** OpenAI's IDs say by their beginning what they are of. */
const idOf = (prefix: string) =>
  z
    .string()
    .max(64)
    .startsWith(prefix, `Expected an ID that begins with '${prefix.slice(0, -1)}'`);

const InputText = z.strictObject({
  type: z.literal('input_text'),
  text: z.string(),
  prompt_cache_breakpoint: z.unknown().optional(),
});
const OutputPart = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()).optional(),
    logprobs: z.array(z.unknown()).optional(),
  }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
]);

const Said = z.discriminatedUnion('role', [
  z.strictObject({
    type: z.literal('message'),
    role: z.enum(['user', 'system', 'developer']),
    content: z.union([z.string(), z.array(InputText)]),
    id: idOf('msg_').optional(),
    status: Status.optional(),
  }),
  z.strictObject({
    type: z.literal('message'),
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(OutputPart)]),
    id: idOf('msg_').optional(),
    status: Status.optional(),
    phase: Phase,
  }),
]);

const Reasoning = z.strictObject({
  type: z.literal('reasoning'),
  id: idOf('rs_').optional(),
  summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
  content: nullable(z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() }))),
  encrypted_content: nullable(z.string()),
  status: nullable(Status),
});
export type ReasoningItem = z.infer<typeof Reasoning>;

const FunctionCall = z.strictObject({
  type: z.literal('function_call'),
  id: idOf('fc_').optional(),
  call_id: z.string().min(1).max(64),
  name: z.string().regex(/^[a-zA-Z0-9_-]+$/u),
  arguments: z.string(),
  status: Status.optional(),
});

const FunctionCallOutput = z.strictObject({
  type: z.literal('function_call_output'),
  id: nullable(idOf('fc_')),
  call_id: z.string().min(1).max(64),
  output: z.union([z.string(), z.array(InputText)]),
  status: nullable(Status),
});

const ItemReference = z.strictObject({ type: z.literal('item_reference'), id: z.string() });

/** A message may leave out what it is. */
export const Item = z.preprocess(
  (item) => (typeof item === 'object' && item !== null && 'role' in item ? { type: 'message', ...item } : item),
  z.discriminatedUnion('type', [Said, Reasoning, FunctionCall, FunctionCallOutput, ItemReference]),
);
export type Item = z.infer<typeof Item>;

const Tool = z.strictObject({
  type: z.literal('function'),
  name: z
    .string()
    .max(64)
    .regex(/^[a-zA-Z0-9_-]+$/u, "string does not match pattern '^[a-zA-Z0-9_-]+$'"),
  description: nullable(z.string()),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: nullable(z.boolean()),
});

const Format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: z
      .string()
      .max(64)
      .regex(/^[a-zA-Z0-9_-]+$/u),
    description: z.string().optional(),
    schema: z.record(z.string(), z.unknown()),
    strict: nullable(z.boolean()),
  }),
]);

const INCLUDABLE = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
] as const;

const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), name: z.string() }),
]);

/** What a prompt consists of: counted alike by `/v1/responses` and `/v1/responses/input_tokens`. */
const prompt = {
  model: z.string(),
  input: z.union([z.string(), z.array(Item)]),
  instructions: nullable(z.string()),
  parallel_tool_calls: nullable(z.boolean()),
  previous_response_id: nullable(z.string()),
  reasoning: nullable(
    z.strictObject({
      effort: nullable(z.string()),
      summary: nullable(z.enum(['auto', 'concise', 'detailed'])),
      generate_summary: nullable(z.enum(['auto', 'concise', 'detailed'])),
      context: nullable(z.enum(['auto', 'current_turn', 'all_turns'])),
      mode: z.string().optional(),
    }),
  ),
  text: z
    .strictObject({ format: Format.optional(), verbosity: nullable(z.enum(['low', 'medium', 'high'])) })
    .optional(),
  tool_choice: nullable(ToolChoice),
  tools: nullable(z.array(Tool)),
};

/** `POST /v1/responses`, as far as Troupe has a use for it; what it does not know is refused. */
export const ResponsesRequest = z.strictObject({
  ...prompt,
  background: nullable(z.literal(false)),
  include: nullable(z.array(z.enum(INCLUDABLE))),
  max_output_tokens: nullable(z.int()),
  metadata: nullable(z.record(z.string().max(64), z.string().max(512))),
  prompt_cache_key: nullable(z.string().max(64)),
  store: nullable(z.boolean()),
  stream: nullable(z.boolean()),
  temperature: nullable(z.number().min(0).max(2)),
  top_p: nullable(z.number().min(0).max(1)),
  top_logprobs: nullable(z.int().min(0).max(20)),
  ...unused,
});
export type ResponsesRequest = z.infer<typeof ResponsesRequest>;

/** `POST /v1/responses/input_tokens`. */
export const CountRequest = z.strictObject({ ...prompt, truncation: z.unknown().optional() });
