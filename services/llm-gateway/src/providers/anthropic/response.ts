import type { Answer, Answered, ToolCall } from '@troupe/contract';
import { z } from 'zod';
import { checkedAnswer } from '../checked-answer.ts';
import { unanswered } from '../failure.ts';

const Tokens = z.int().nonnegative();

/** What is read of a message. Blocks of other types (thinking, for one) are not part of an answer. */
const WireMessage = z.object({
  model: z.string(),
  content: z.array(
    z.object({
      type: z.string(),
      text: z.string().optional(),
      id: z.string().optional(),
      name: z.string().optional(),
      input: z.unknown().optional(),
    }),
  ),
  stop_reason: z.string().nullish(),
  usage: z.object({
    input_tokens: Tokens,
    output_tokens: Tokens,
    cache_creation_input_tokens: Tokens.nullish(),
    cache_read_input_tokens: Tokens.nullish(),
  }),
});
type WireUsage = z.infer<typeof WireMessage>['usage'];

const WireCall = z.object({ id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) });

/** The answer in a message's body, or `malformed` with what is wrong. */
export function toAnswer(body: unknown): Answer {
  const parsed = WireMessage.safeParse(body);
  if (!parsed.success) return unanswered('malformed', `not a message: ${z.prettifyError(parsed.error)}`);
  const { model, content, stop_reason: stopReason, usage } = parsed.data;
  const toolCalls: ToolCall[] = [];
  for (const block of content.filter(({ type }) => type === 'tool_use')) {
    const call = WireCall.safeParse(block);
    if (!call.success) return unanswered('malformed', badCall(block.name, stopReason));
    toolCalls.push({ id: call.data.id, name: call.data.name, arguments: call.data.input });
  }
  const text = content.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join('');
  const stop = stopOf(stopReason, toolCalls.length > 0);
  return checkedAnswer({
    ok: true,
    provider: 'anthropic',
    model,
    text,
    toolCalls,
    stop,
    usage: toUsage(usage),
    costUsd: null,
  });
}

function badCall(name: string | undefined, stopReason: string | null | undefined): string {
  const reason = stopReason === 'max_tokens' ? ' (the answer was cut off at its output limit)' : '';
  return `the arguments of the call of "${name ?? 'an unnamed tool'}" are not a JSON object${reason}`;
}

/** Input read from or written to the prompt cache is counted beside `input_tokens`, not in it. */
function toUsage(usage: WireUsage): Answered['usage'] {
  const cached = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
  return { inputTokens: usage.input_tokens + cached, outputTokens: usage.output_tokens };
}

function stopOf(reason: string | null | undefined, calls: boolean): Answered['stop'] {
  if (reason === 'refusal') return 'refusal';
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return calls ? 'tools' : 'end';
}
