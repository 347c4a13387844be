import type { AgentQuestion } from '@troupe/actor';
import type { Budget, Spent, ToolOffer, Turn } from '@troupe/contract';
import { tokensLeft } from './spending.ts';

/** Tokens that one answer may have at most, and must be able to have for the question to be worth asking. */
const ANSWER_TOKENS_MAX = 4_096;
const ANSWER_TOKENS_MIN = 64;
/** A rule of thumb for a prompt that nobody has counted yet; what was really used comes with the answer. */
const CHARS_PER_TOKEN = 4;
const STEP_TIMEOUT_MS = 120_000;

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
  prompt: { system: string; turns: Turn[]; tools: ToolOffer[] },
): AgentQuestion | undefined {
  const room = tokensLeft(budget, spent) - estimateTokens(prompt.system, prompt.turns);
  if (room < ANSWER_TOKENS_MIN) return undefined;
  return {
    ...prompt,
    mustCall: true,
    outputTokensMax: Math.min(ANSWER_TOKENS_MAX, room),
    timeoutMs: STEP_TIMEOUT_MS,
    deadlineAt: budget.deadlineAt,
  };
}
