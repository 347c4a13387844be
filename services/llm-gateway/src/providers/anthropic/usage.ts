import type { Usage } from '@troupe/contract';
import { z } from 'zod';
import { estimateTokens } from '../../models/estimate.ts';
import type { Call } from '../provider.ts';

/** A count as the service gives it: whether it can be true is for others to judge. */
const Tokens = z.number().optional().catch(undefined);

const WireUsage = z.object({
  input_tokens: Tokens,
  output_tokens: Tokens,
  cache_creation_input_tokens: Tokens,
  cache_read_input_tokens: Tokens,
  output_tokens_details: z.object({ thinking_tokens: Tokens }).optional().catch(undefined),
});
const NONE_TOLD: z.infer<typeof WireUsage> = {};

/**
 * What an answer cost. Input that was read from the cache or written to it is counted beside `input_tokens`, not in it.
 * Where the service counted nothing, or did not live to count all that it wrote (`writtenChars`), it is estimated.
 */
export function toUsage(wire: unknown, call: Call, written: { chars: number; isWhole: boolean }): Usage {
  const told = WireUsage.safeParse(wire).data ?? NONE_TOLD;
  const { cache_read_input_tokens: read, cache_creation_input_tokens: write } = told;
  const thinking = told.output_tokens_details?.thinking_tokens;
  const estimated = Math.ceil(written.chars / call.model.charsPerToken);
  const output = told.output_tokens ?? estimated;
  const fresh = told.input_tokens;
  return {
    inputTokens: fresh === undefined ? estimateTokens(call.question, call.model) : fresh + (read ?? 0) + (write ?? 0),
    outputTokens: written.isWhole ? output : Math.max(output, estimated),
    ...(read !== undefined && { cacheReadTokens: read }),
    ...(write !== undefined && { cacheWriteTokens: write }),
    ...(thinking !== undefined && { thinkingTokens: thinking }),
  };
}

/** Both together; what neither told is not told. */
export function sumOf(first: Usage | undefined, second: Usage | undefined): Usage | undefined {
  if (!first || !second) return first ?? second;
  const sum: Usage = {
    inputTokens: first.inputTokens + second.inputTokens,
    outputTokens: first.outputTokens + second.outputTokens,
  };
  for (const name of ['cacheReadTokens', 'cacheWriteTokens', 'thinkingTokens'] as const) {
    if (first[name] !== undefined || second[name] !== undefined) sum[name] = (first[name] ?? 0) + (second[name] ?? 0);
  }
  return sum;
}
