import { z } from 'zod';

const Name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const CallId = z.string().regex(/^[a-zA-Z0-9_-]+$/);

const Text = z.strictObject({
  type: z.literal('text'),
  text: z.string().regex(/\S/, 'text content blocks must be non-empty'),
});
const ToolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: CallId,
  name: Name,
  input: z.record(z.string(), z.unknown()),
});
const ToolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: CallId,
  content: z.string(),
  is_error: z.boolean().optional(),
});
const Message = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.array(z.discriminatedUnion('type', [Text, ToolResult])).min(1),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.array(z.discriminatedUnion('type', [Text, ToolUse])).min(1),
  }),
]);
type Message = z.infer<typeof Message>;

const Tool = z.strictObject({
  name: Name,
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
});
const Request = z
  .strictObject({
    model: z.string().min(1),
    max_tokens: z.int().positive(),
    system: z.string().min(1).optional(),
    messages: z.array(Message).min(1),
    tools: z.array(Tool).min(1).optional(),
    tool_choice: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('auto') }),
        z.strictObject({ type: z.literal('any') }),
      ])
      .optional(),
    thinking: z.strictObject({ type: z.enum(['disabled', 'adaptive']) }).optional(),
    stream: z.literal(false).optional(),
  })
  .refine((request) => !(request.tool_choice && !request.tools), 'tool_choice may only be specified with tools')
  .refine(
    // Some models think when the request says nothing, so the strictest model is played here.
    ({ tool_choice: choice, thinking }) => choice?.type !== 'any' || thinking?.type === 'disabled',
    'Thinking may not be enabled when tool_choice forces tool use.',
  );

/** Why the Messages API would refuse this request body, or undefined. */
export function faultIn(body: unknown): string | undefined {
  const parsed = Request.safeParse(body);
  return parsed.success ? faultInOrder(parsed.data.messages) : z.prettifyError(parsed.error);
}

/** Roles alternate from a user's message on, and each call is answered at the start of the very next message. */
function faultInOrder(messages: readonly Message[]): string | undefined {
  let open: string[] = [];
  let expected: Message['role'] = 'user';
  for (const [index, message] of messages.entries()) {
    if (message.role !== expected) return `messages.${index}: roles must alternate, expected ${expected}`;
    expected = message.role === 'user' ? 'assistant' : 'user';
    if (message.role === 'user') {
      const fault = faultInResults(message, open);
      if (fault) return `messages.${index}: ${fault}`;
      continue;
    }
    open = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    if (new Set(open).size < open.length) return `messages.${index}: tool_use ids must be unique`;
  }
  return expected === 'user' ? 'the conversation must end with a user message' : undefined;
}

function faultInResults(message: Extract<Message, { role: 'user' }>, open: readonly string[]): string | undefined {
  const answered = message.content.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
  const unexpected = answered.filter((id) => !open.includes(id));
  if (unexpected.length > 0) return `unexpected tool_use_id in tool_result blocks: ${unexpected.join(', ')}`;
  const missing = open.filter((id) => !answered.includes(id));
  if (missing.length > 0) return `tool_use ids without tool_result blocks: ${missing.join(', ')}`;
  const firstText = message.content.findIndex((block) => block.type === 'text');
  const late = message.content.findLastIndex((block) => block.type === 'tool_result') > firstText && firstText !== -1;
  return late ? 'tool_result blocks must come before text' : undefined;
}
