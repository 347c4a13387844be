import type { Answer, Budget, Spent } from '@troupe/contract';

export const NOTHING_SPENT: Spent = { tokens: 0, costUsd: 0, modelCalls: 0, toolCalls: 0 };

/** The sum of two costs, which fits its schema whatever somebody claims. A cost that is not known makes the sum unknown. */
export function addSpent(a: Spent, b: Spent): Spent {
  return {
    tokens: whole(a.tokens + b.tokens),
    costUsd: a.costUsd === null || b.costUsd === null ? null : Math.min(Number.MAX_VALUE, a.costUsd + b.costUsd),
    modelCalls: whole(a.modelCalls + b.modelCalls),
    toolCalls: whole(a.toolCalls + b.toolCalls),
  };
}

const whole = (sum: number): number => Math.min(Number.MAX_SAFE_INTEGER, sum);

/** What one question cost. What brought no answer may have been paid all the same; it says so then. */
export function costOf({ usage, costUsd = 0 }: Answer): Spent {
  const tokens = usage === undefined ? 0 : usage.inputTokens + usage.outputTokens;
  return { tokens: whole(tokens), costUsd, modelCalls: 1, toolCalls: 0 };
}

export const tokensLeft = (budget: Budget, spent: Spent): number => Math.max(0, budget.tokens - spent.tokens);

/** Dollars that are left, or undefined if there is no such bound. Once a cost is not known, nothing is. */
export function usdLeft({ usd }: Budget, { costUsd }: Spent): number | undefined {
  if (usd === undefined) return undefined;
  return costUsd === null ? 0 : Math.max(0, usd - costUsd);
}
