import { Answered, parse } from '@troupe/contract';
import type { Usage } from '@troupe/contract';
import { z } from 'zod';
import { estimateTokens } from '../../models/estimate.ts';
import { failed } from '../failure.ts';
import type { Call, Outcome, Reply } from '../provider.ts';

const Bounds = Answered.pick({ text: true, toolCalls: true }).extend({ model: z.string().max(256) });

/** The reply if it keeps the contract's bounds, else `malformed`: a model's answer is never cut silently. */
export function checkedReply(reply: Reply): Outcome {
  const { model, text, toolCalls, usage } = reply;
  const checked = parse(Bounds, { model, text, toolCalls });
  if (checked.success) return reply;
  return failed('malformed', `the model's answer is out of bounds: ${z.prettifyError(checked.error)}`, { usage });
}

export function badArguments(name: string, usage: Usage, secret: string | undefined): Outcome {
  return failed('malformed', `the arguments of the call of "${name}" are not a JSON object`, { usage, secret });
}

/** For services that count no tokens, and for answers that were cut before the count came. */
export function estimatedUsage({ question, model }: Call, outputChars: number): Usage {
  return {
    inputTokens: estimateTokens(question, model),
    outputTokens: Math.ceil(outputChars / model.charsPerToken),
  };
}

interface Details {
  cached?: number | null | undefined;
  written?: number | null | undefined;
  thought?: number | null | undefined;
}

/** Which tokens of the input came from or went into the cache and which of the output were thinking, where it is told. */
export function detailsOf({ cached, written, thought }: Details): Partial<Usage> {
  return {
    ...(typeof cached === 'number' && { cacheReadTokens: cached }),
    ...(typeof written === 'number' && { cacheWriteTokens: written }),
    ...(typeof thought === 'number' && { thinkingTokens: thought }),
  };
}
