import type { EchoPart, ToolCall, Usage } from '@troupe/contract';
import { z } from 'zod';
import { failed } from '../failure.ts';
import { argumentsOf, CallIds } from '../openai/calls.ts';
import { echoOf } from '../openai/echo.ts';
import { failureTold } from '../openai/failure.ts';
import { listOf } from '../openai/list.ts';
import { badArguments, checkedReply, detailsOf, estimatedUsage } from '../openai/reply.ts';
import type { Call, Outcome } from '../provider.ts';
import { CallItem, callPart, Item, MessageItem, refusalIn, textOf, textPart } from './items.ts';

const WireUsage = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  input_tokens_details: z
    .object({ cached_tokens: z.number().nullish(), cache_write_tokens: z.number().nullish() })
    .nullish(),
  output_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
});

/** What is read of an answer that is whole, cut off or failed. */
export const WireResponse = z.object({
  model: z.string().nullish(),
  status: z.string().nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: listOf(Item).nullish(),
  usage: WireUsage.nullish().catch(undefined),
});
export type WireResponse = z.infer<typeof WireResponse>;

/** The outcome of a call by the response that ended its stream, and the items that came before. */
export function toOutcome(response: WireResponse, streamed: readonly Item[], call: Call, secret?: string): Outcome {
  // Some servers end with an empty list, and have sent everything before.
  const output = response.output?.length ? response.output : streamed;
  const usage = usageOf(response, output, call);
  const { status, error } = response;
  if (error || status === 'failed' || status === 'cancelled') {
    const { code, message } = error ?? { code: undefined, message: `the answer ended as ${status}` };
    return { ...failureTold({ message, code: code ?? undefined }, secret), usage };
  }
  const messages = output.map((item) => MessageItem.safeParse(item).data).filter((item) => item !== undefined);
  const refusal = messages.map(refusalIn).find((text) => text !== undefined);
  if (refusal !== undefined) return failed('refused', refusal, { usage, secret });
  const reason = response.incomplete_details?.reason;
  if (reason === 'content_filter') return failed('refused', 'the service held the answer back', { usage });
  const model = response.model ?? call.model.name;
  const text = messages.map(textOf).join('');
  // A call that was cut off is none, and reasoning does not come back without what followed it.
  if (status === 'incomplete') return checkedReply({ ok: true, model, text, toolCalls: [], stop: 'length', usage });
  const read = readCalls(output, call);
  if ('badName' in read) return badArguments(read.badName, usage, secret);
  const { toolCalls, parts } = read;
  const echo = call.model.echo && mayComeBack(output) ? echoOf(call, parts) : undefined;
  const stop = toolCalls.length > 0 ? 'tools' : 'end';
  return checkedReply({ ok: true, model, text, toolCalls, stop, usage, ...(echo && { echo }) });
}

/** The calls of an output, and all of its items as the next question brings them back. */
function readCalls(
  output: readonly Item[],
  { question }: Call,
): { toolCalls: ToolCall[]; parts: EchoPart[] } | { badName: string } {
  const ids = new CallIds(question);
  const toolCalls: ToolCall[] = [];
  const parts: EchoPart[] = [];
  for (const item of output) {
    const message = MessageItem.safeParse(item).data;
    const { data: call } = CallItem.safeParse(item);
    if (call) {
      const args = argumentsOf(call.arguments, call.name, question.tools);
      if (!args) return { badName: call.name };
      const made = { id: ids.next(call.call_id), name: call.name, arguments: args };
      parts.push(callPart(item, toolCalls.length, made));
      toolCalls.push(made);
    } else if (item['type'] === 'function_call') return { badName: String(item['name']) };
    else parts.push(message ? textPart(item, message) : { kind: 'opaque', block: item });
  }
  return { toolCalls, parts };
}

/** Reasoning that is not encrypted would be looked up by its ID, and nothing is stored. */
function mayComeBack(output: readonly Item[]): boolean {
  return output.every((item) => item['type'] !== 'reasoning' || typeof item['encrypted_content'] === 'string');
}

/** Input that came from or went into the cache is part of the input, and reasoning of the output. */
function usageOf({ usage }: WireResponse, items: readonly Item[], call: Call): Usage {
  if (!usage) return estimatedUsage(call, JSON.stringify(items).length);
  const { input_tokens_details: input, output_tokens_details: output } = usage;
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    ...detailsOf({
      cached: input?.cached_tokens,
      written: input?.cache_write_tokens,
      thought: output?.reasoning_tokens,
    }),
  };
}
