import type { Question } from '@troupe/contract';
import type { Model } from '../models/model.ts';
import { costUsd } from '../models/price.ts';
import type { Ledger } from './ledger.ts';

/** An answer that may have fewer tokens is not asked for: it would be paid and say nothing. */
export const OUTPUT_TOKENS_MIN = 64;

export interface Wanted {
  question: Pick<Question, 'tokensMax' | 'usdMax'>;
  model: Model;
  /** The prompt's, estimated. */
  inputTokens: number;
  /** What the answer may have if there is room for it, thinking included. */
  outputTokens: number;
  spent: Pick<Ledger, 'tokens' | 'costUsd'>;
}

/** What a call may write, or why it may not be made. */
export type Room = { outputTokensMax: number } | { kind: 'budget' | 'no_room'; message: string };

/** What is left of the question's budget, the model's context and its limit, for one more call. */
export function roomFor({ question, model, inputTokens, outputTokens, spent }: Wanted): Room {
  const context = model.contextTokens - inputTokens;
  if (context < OUTPUT_TOKENS_MIN)
    return { kind: 'no_room', message: `about ${inputTokens} tokens do not fit its ${model.contextTokens}` };
  const left = question.tokensMax - spent.tokens;
  if (left - inputTokens < OUTPUT_TOKENS_MIN)
    return {
      kind: 'budget',
      message: `${left} of ${question.tokensMax} tokens are left, the prompt alone has about ${inputTokens}`,
    };
  const affordable = affordableTokens(question.usdMax, model, inputTokens, spent.costUsd);
  if (affordable < OUTPUT_TOKENS_MIN)
    return { kind: 'budget', message: dollarMessage(question.usdMax, model, spent.costUsd) };
  return { outputTokensMax: Math.min(outputTokens, model.outputTokensMax, context, left - inputTokens, affordable) };
}

/** Tokens of an answer that the dollars left will pay, the prompt at its dearest. Nothing is affordable at an unknown price. */
function affordableTokens(
  usdMax: number | undefined,
  model: Model,
  inputTokens: number,
  spentUsd: number | null,
): number {
  if (usdMax === undefined) return Infinity;
  const plainUsd = costUsd(model, { inputTokens, outputTokens: 0 });
  const cachedUsd = costUsd(model, { inputTokens, outputTokens: 0, cacheWriteTokens: inputTokens });
  const millionUsd = costUsd(model, { inputTokens, outputTokens: 1_000_000 });
  if (spentUsd === null || plainUsd === null || cachedUsd === null || millionUsd === null) return 0;
  const leftUsd = usdMax - spentUsd - Math.max(plainUsd, cachedUsd);
  if (leftUsd < 0) return 0;
  const tokenUsd = (millionUsd - plainUsd) / 1_000_000;
  return tokenUsd > 0 ? Math.floor(leftUsd / tokenUsd) : Infinity;
}

function dollarMessage(usdMax: number | undefined, model: Model, spentUsd: number | null): string {
  const isPriced = spentUsd !== null && costUsd(model, { inputTokens: 1, outputTokens: 1 }) !== null;
  return isPriced
    ? `$${spentUsd} of $${usdMax} are spent, which leaves too little for the prompt and an answer`
    : `its price is not known, and the question may cost $${usdMax} at most`;
}
