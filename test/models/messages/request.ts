import { z } from 'zod';
import { EFFORTS } from '../character.ts';
import { Refused } from './refusal.ts';

const ID = /^[a-zA-Z0-9_-]+$/;
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;

const CacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();

const Text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: CacheControl,
  citations: z.array(z.unknown()).nullish(),
});

const ToolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(ID),
  name: z.string().regex(NAME),
  input: z.record(z.string(), z.unknown()),
  cache_control: CacheControl,
  caller: z.strictObject({ type: z.literal('direct') }).optional(),
});

const ToolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().regex(ID),
  content: z.union([z.string(), z.array(Text)]).optional(),
  is_error: z.boolean().optional(),
  cache_control: CacheControl,
});

const Thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const RedactedThinking = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });

const UserBlock = z.discriminatedUnion('type', [Text, ToolResult]);
const AssistantBlock = z.discriminatedUnion('type', [Text, ToolUse, Thinking, RedactedThinking]);

const Message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(UserBlock)]) }),
  z.strictObject({ role: z.literal('assistant'), content: z.union([z.string(), z.array(AssistantBlock)]) }),
]);

const Tool = z.strictObject({
  name: z.string().regex(NAME),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
  type: z.literal('custom').nullish(),
  cache_control: CacheControl,
  eager_input_streaming: z.boolean().nullish(),
});
export type Tool = z.infer<typeof Tool>;

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const ToolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), ...parallel }),
  z.strictObject({ type: z.literal('any'), ...parallel }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallel }),
  z.strictObject({ type: z.literal('none') }),
]);

const display = { display: z.enum(['summarized', 'omitted']).nullish() };
const ThinkingConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('adaptive'), ...display }),
  z.strictObject({ type: z.literal('between_tools') }),
  z.strictObject({ type: z.literal('disabled') }),
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1_024), ...display }),
]);

const OutputConfig = z.strictObject({
  effort: z.enum(EFFORTS).exclude(['none']).nullish(),
  format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish(),
});

const counted = {
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  cache_control: CacheControl,
  output_config: OutputConfig.optional(),
  system: z.union([z.string(), z.array(Text)]).optional(),
  thinking: ThinkingConfig.optional(),
  tool_choice: ToolChoice.optional(),
  tools: z.array(Tool).optional(),
};

export const CountRequest = z.strictObject(counted);
export type CountRequest = z.infer<typeof CountRequest>;

export const MessagesRequest = z.strictObject({
  ...counted,
  max_tokens: z.int().min(1),
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  stop_sequences: z.array(z.string().min(1)).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().nonnegative().optional(),
});
export type MessagesRequest = z.infer<typeof MessagesRequest>;

/** Parses a body, or refuses it as the service does: the first fault, with its place. */
export function parsed<Shape>(schema: z.ZodType<Shape>, body: unknown): Shape {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refused(issue === undefined ? 'The request is not valid.' : sentence(issue, []));
}

function sentence(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): string {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const deepest = issue.errors
      .flatMap((errors) => errors.slice(0, 1))
      .toSorted((left, right) => right.path.length - left.path.length)[0];
    if (deepest !== undefined) return sentence(deepest, path);
  }
  const place = path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return `${[place, issue.keys[0]].filter(Boolean).join('.')}: Extra inputs are not permitted`;
  if (issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('received undefined'))
    return `${place}: Field required`;
  return `${place}: ${issue.message}`;
}
