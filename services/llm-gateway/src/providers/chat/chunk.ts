import { z } from 'zod';
import { isObject } from '../openai/calls.ts';
import { listOf } from '../openai/list.ts';

const Json = z.custom<Record<string, unknown>>(isObject);

/** A call, or a piece of one. Servers leave out everything but the name, and some send the arguments as an object. */
const CallDelta = z.object({
  index: z.int().nullish().catch(undefined),
  id: z.string().nullish().catch(undefined),
  function: z
    .object({
      name: z.string().nullish(),
      arguments: z.union([z.string(), Json]).nullish(),
    })
    .nullish(),
  /** Gemini's thought signature, which has to come back with the call. */
  extra_content: Json.nullish().catch(undefined),
});
export type CallDelta = z.infer<typeof CallDelta>;

/** Text, or Mistral's list of parts, of which only texts are read. */
const Content = z.union([z.string(), listOf(z.object({ type: z.string().optional(), text: z.unknown().optional() }))]);

const Delta = z.object({
  content: Content.nullish(),
  refusal: z.string().nullish(),
  /** What is thought, by either of its names: no text, but written all the same. */
  reasoning_content: z.string().nullish().catch(undefined),
  reasoning: z.string().nullish().catch(undefined),
  tool_calls: listOf(CallDelta).nullish(),
});

const WireUsage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number().nullish(),
  total_tokens: z.number().nullish(),
  prompt_tokens_details: z
    .object({ cached_tokens: z.number().nullish(), cache_write_tokens: z.number().nullish() })
    .nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
});
export type WireUsage = z.infer<typeof WireUsage>;

const Choice = z.object({
  index: z.int().nullish(),
  finish_reason: z.string().nullish(),
  delta: Delta.nullish(),
  /** A server that has nothing to stream may send the whole message. */
  message: Delta.nullish(),
});

/** What is read of one chunk of a chat completion. */
export const Chunk = z.object({
  model: z.string().nullish(),
  choices: listOf(Choice).nullish(),
  usage: WireUsage.nullish().catch(undefined),
});
export type Chunk = z.infer<typeof Chunk>;

export function textIn(content: z.infer<typeof Content> | null | undefined): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

/** What was written and is no text of the answer: thoughts, a refusal. */
export function charsBesideText(delta: z.infer<typeof Delta> | null | undefined): number {
  const { reasoning_content: thought, reasoning, refusal } = delta ?? {};
  return (thought || reasoning || refusal || '').length;
}
