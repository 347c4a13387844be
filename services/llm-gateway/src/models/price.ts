import type { Usage } from '@troupe/contract';
import type { Model, Price } from './model.ts';
import { listedCostUsd } from './listed-price.ts';

const MILLION = 1_000_000;

/** What tokens cost in US dollars; null if nobody knows the model's price. Our own prices first, then the listed ones. */
export function costUsd(model: Model, usage: Usage): number | null {
  const price = priceOf(model, usage.inputTokens);
  return price ? costAt(price, usage) / MILLION : listedCostUsd(model, usage);
}

/** The prices of a request whose prompt has so many tokens, what came from the cache included. */
function priceOf({ price, priceAbove }: Model, inputTokens: number): Price | undefined {
  return priceAbove.findLast((step) => inputTokens > step.inputTokens)?.price ?? price;
}

/** In millionths of a dollar. A cache cannot have held or taken more than the prompt. */
function costAt(price: Price, { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 }: Usage): number {
  const read = Math.min(cacheReadTokens, inputTokens);
  const written = Math.min(cacheWriteTokens, inputTokens - read);
  return (
    (inputTokens - read - written) * price.input +
    read * (price.cacheRead ?? price.input) +
    written * (price.cacheWrite ?? price.input) +
    outputTokens * price.output
  );
}
