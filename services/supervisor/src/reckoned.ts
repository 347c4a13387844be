import type { Budget, Spent } from '@troupe/contract';

/** Model calls that one task can have made: its steps are at most 32, and each may be asked again after a failure. */
const MODEL_CALLS_MAX = 128;
/** US dollars that one task can have cost. */
const COST_USD_MAX = 1_000;
/** An estimate of tokens may be wrong by this factor before the result says that more was claimed. */
const ESTIMATE_FACTOR = 2;

/**
 * What a task is reckoned to have spent: what its worker says, but no more than it was granted, so that nobody can empty
 * the budget of others. `isImplausible`: no honest worker says such a thing.
 */
export function reckoned(claimed: Spent, granted: Budget): { spent: Spent; isImplausible: boolean } {
  const spent = {
    tokens: Math.min(claimed.tokens, granted.tokens),
    costUsd: claimed.costUsd === null ? null : Math.min(claimed.costUsd, COST_USD_MAX),
    modelCalls: Math.min(claimed.modelCalls, MODEL_CALLS_MAX),
    toolCalls: Math.min(claimed.toolCalls, granted.toolCalls),
  };
  const isImplausible =
    claimed.tokens > granted.tokens * ESTIMATE_FACTOR ||
    spent.costUsd !== claimed.costUsd ||
    spent.modelCalls !== claimed.modelCalls ||
    spent.toolCalls !== claimed.toolCalls;
  return { spent, isImplausible };
}
