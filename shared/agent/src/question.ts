import type { AgentQuestion } from '@troupe/actor';
import { QUESTION_TIMEOUT_MS_MAX } from '@troupe/contract';
import type { Budget, Purpose, Spent, Tier, ToolOffer, Turn } from '@troupe/contract';
import { tokensLeft, usdLeft } from './spending.ts';

/** Tokens that one answer may have at most, and must be able to have for the question to be worth asking. */
const ANSWER_TOKENS_MAX = 4_096;
const ANSWER_TOKENS_MIN = 64;
/** A rule of thumb for a prompt that nobody has counted yet; what was really used comes with the answer. */
const CHARS_PER_TOKEN = 4;
/** What waits for its turn at a provider loses nothing by waiting: the run's deadline is what ends it. */
const STEP_TIMEOUT_MS = QUESTION_TIMEOUT_MS_MAX;

/** What a question says beside its bounds. */
export interface Prompt {
  tier: Tier;
  purpose: Purpose;
  model?: string | undefined;
  system: string;
  turns: Turn[];
  tools: ToolOffer[];
  /** The one tool that may be called now. */
  only?: string | undefined;
  facts?: Record<string, unknown> | undefined;
}

/** Tokens that a prompt will take, roughly. */
export function estimateTokens(system: string, turns: readonly Turn[]): number {
  const chars = turns.reduce((sum, turn) => sum + turn.text.length, system.length);
  return Math.ceil(chars / CHARS_PER_TOKEN);
}

/**
 * A question within what is left of the budget, or undefined if the budget does not allow one: then the agent hands
 * in what it has.
 */
export function questionWithin(
  budget: Budget,
  spent: Spent,
  { model, only, facts, ...prompt }: Prompt,
): AgentQuestion | undefined {
  const tokensMax = tokensLeft(budget, spent);
  const usdMax = usdLeft(budget, spent);
  const room = tokensMax - estimateTokens(prompt.system, prompt.turns);
  if (room < ANSWER_TOKENS_MIN || usdMax === 0) return undefined;
  return {
    ...prompt,
    ...(model === undefined ? {} : { model }),
    ...(only === undefined ? {} : { only }),
    ...(facts === undefined ? {} : { facts }),
    mustCall: true,
    outputTokensMax: Math.min(ANSWER_TOKENS_MAX, room),
    tokensMax,
    ...(usdMax === undefined ? {} : { usdMax }),
    timeoutMs: STEP_TIMEOUT_MS,
    deadlineAt: budget.deadlineAt,
  };
}
