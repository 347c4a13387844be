import type * as Prices from '@pydantic/genai-prices';
import { createRequire } from 'node:module';
import type { Usage } from '@troupe/contract';
import { z } from 'zod';
import type { Model } from './model.ts';

/** Whose models are on the list under their own names. What other services ask for the same names is anybody's guess. */
const LISTED = new Set(['anthropic', 'openai']);

const Listing = z.custom<Pick<typeof Prices, 'calcPrice'>>(
  (value) =>
    typeof value === 'object' && value !== null && 'calcPrice' in value && typeof value.calcPrice === 'function',
);

let listing: Pick<typeof Prices, 'calcPrice'> | undefined;

/**
 * What tokens cost in US dollars by the list of `@pydantic/genai-prices`, which is as old as its release; null if the
 * model is not on it. The list is 20 MB in memory: it is loaded when a model without a price of ours is first reckoned.
 */
export function listedCostUsd({ name, provider }: Pick<Model, 'name' | 'provider'>, usage: Usage): number | null {
  if (!LISTED.has(provider)) return null;
  listing ??= Listing.parse(createRequire(import.meta.url)('@pydantic/genai-prices'));
  const read = Math.min(usage.cacheReadTokens ?? 0, usage.inputTokens);
  const tokens = {
    input_tokens: usage.inputTokens,
    cache_read_tokens: read,
    cache_write_tokens: Math.min(usage.cacheWriteTokens ?? 0, usage.inputTokens - read),
    output_tokens: usage.outputTokens,
  };
  try {
    const usd = listing.calcPrice(tokens, name, { providerId: provider })?.total_price;
    return usd !== undefined && Number.isFinite(usd) && usd >= 0 ? usd : null;
  } catch {
    // It throws for usage that it cannot divide among its rates: nobody knows what that costs.
    return null;
  }
}
