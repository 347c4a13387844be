import type { Answer, Answered, Question, ToolCall, Unanswered } from '@troupe/contract';
import { z } from 'zod';
import { checkedAnswer } from '../checked-answer.ts';
import { unanswered } from '../failure.ts';
import { estimatedUsage } from '../usage.ts';

const WireCall = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });

/** What is read of a chat completion. Compatible servers leave out much of the rest, and some the usage. */
const Completion = z.object({
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(WireCall).nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() }).nullish(),
});
type Choice = z.infer<typeof Completion>['choices'][number];

const Arguments = z.record(z.string(), z.unknown());

/** The answer in a chat completion's body, or `malformed` with what is wrong. Usage is estimated where it is missing. */
export function toAnswer(body: unknown, question: Question, model: string): Answer {
  const parsed = Completion.safeParse(body);
  if (!parsed.success) return unanswered('malformed', `not a chat completion: ${z.prettifyError(parsed.error)}`);
  const choice = parsed.data.choices[0];
  if (!choice) return unanswered('malformed', 'a chat completion without a choice');
  const toolCalls: ToolCall[] = [];
  for (const call of choice.message.tool_calls ?? []) {
    const read = toToolCall(call, choice.finish_reason === 'length');
    if ('ok' in read) return read;
    toolCalls.push(read);
  }
  const text = choice.message.content || choice.message.refusal || '';
  const usage = parsed.data.usage;
  return checkedAnswer({
    ok: true,
    provider: 'openai',
    model: parsed.data.model ?? model,
    text,
    toolCalls,
    stop: stopOf(choice, toolCalls.length > 0),
    usage: usage
      ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }
      : estimatedUsage(question, text, toolCalls),
    costUsd: null,
  });
}

function toToolCall(call: z.infer<typeof WireCall>, cutOff: boolean): ToolCall | Unanswered {
  const parsed = Arguments.safeParse(parseJson(call.function.arguments));
  if (parsed.success) return { id: call.id, name: call.function.name, arguments: parsed.data };
  const reason = cutOff ? ' (the answer was cut off at its output limit)' : '';
  return unanswered('malformed', `the arguments of the call of "${call.function.name}" are not a JSON object${reason}`);
}

/** The value of a JSON text, or undefined if it is none. Some servers write no text at all for "no arguments". */
function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stopOf(choice: Choice, calls: boolean): Answered['stop'] {
  if (choice.finish_reason === 'content_filter' || choice.message.refusal) return 'refusal';
  if (choice.finish_reason === 'length') return 'length';
  return calls ? 'tools' : 'end';
}
