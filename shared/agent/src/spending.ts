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

/** What one answer cost. A question that was not answered counts as a call and nothing else. */
export function costOf(answer: Answer): Spent {
  if (!answer.ok) return { ...NOTHING_SPENT, modelCalls: 1 };
  const { inputTokens, outputTokens } = answer.usage;
  return { tokens: inputTokens + outputTokens, costUsd: answer.costUsd, modelCalls: 1, toolCalls: 0 };
}

export const tokensLeft = (budget: Budget, spent: Spent): number => Math.max(0, budget.tokens - spent.tokens);
