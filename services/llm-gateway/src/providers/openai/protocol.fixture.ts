import { z } from 'zod';

const Name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const CallId = z.string().min(1).max(40);

const Call = z.strictObject({
  id: CallId,
  type: z.literal('function'),
  function: z.strictObject({ name: Name, arguments: z.string() }),
});
const Message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.string() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string().nullable(),
    tool_calls: z.array(Call).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: CallId, content: z.string() }),
]);
type Message = z.infer<typeof Message>;

const Tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: Name,
    description: z.string().optional(),
    parameters: z.looseObject({ type: z.literal('object') }).optional(),
  }),
});
const Request = z
  .strictObject({
    model: z.string().min(1),
    messages: z.array(Message).min(1),
    tools: z.array(Tool).min(1).max(128).optional(),
    tool_choice: z.enum(['none', 'auto', 'required']).optional(),
    max_tokens: z.int().positive().optional(),
    max_completion_tokens: z.int().positive().optional(),
  })
  .refine((request) => !(request.tool_choice && !request.tools), "'tool_choice' is only allowed with 'tools'")
  .refine((request) => !(request.max_tokens && request.max_completion_tokens), 'two limits of the output');

/** Why the chat completions API would refuse this request body, or undefined. */
export function faultIn(body: unknown): string | undefined {
  const parsed = Request.safeParse(body);
  return parsed.success ? faultInOrder(parsed.data.messages) : z.prettifyError(parsed.error);
}

/** Each call is answered right after the message that makes it, and nothing else is. */
function faultInOrder(messages: readonly Message[]): string | undefined {
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) return `the tool message answers no call: ${message.tool_call_id}`;
      continue;
    }
    if (open.size > 0) return `tool calls without a response: ${[...open].join(', ')}`;
    if (message.role !== 'assistant') continue;
    if (message.content === null && !message.tool_calls) return 'an assistant message needs content or tool calls';
    open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  return open.size > 0 ? `tool calls without a response: ${[...open].join(', ')}` : undefined;
}
