import type { Budget } from '@troupe/contract';
import { tokensOf } from '@troupe/contract';
import type { SupervisorConfig } from './config.ts';
import { handInAtOf } from './deadline.ts';
import type { Node, Running } from './state.ts';

/**
 * The budget of the next task: an equal share of what is neither spent nor out with other tasks, over all the work
 * that is still to come. What a task does not use comes back with its answer and is shared again.
 */
export function budgetFor(config: SupervisorConfig, run: Running, node: Node): Budget {
  const { spent, options } = run;
  const out = Object.values(run.granted);
  const tokens = tokensOf(options) - spent.tokens - out.reduce((sum, budget) => sum + budget.tokens, 0);
  const calls = options.tool_calls_max - spent.toolCalls - out.reduce((sum, budget) => sum + budget.toolCalls, 0);
  const waiting = run.nodes.filter(({ phase, role }) => phase === 'waiting' && config.toolUsers.includes(role));
  const toCome = run.nodes.reduce((sum, other) => sum + stepsToCome(config, run, other), 0);
  const share = Math.floor(Math.max(0, tokens) / Math.max(1, toCome));
  const usesTools = node.phase === 'waiting' && config.toolUsers.includes(node.role);
  const usd = usdLeft(run);
  return {
    tokens: share,
    ...(usd === undefined ? {} : { usd: usd / Math.max(1, toCome) }),
    toolCalls: usesTools ? Math.floor(Math.max(0, calls) / Math.max(1, waiting.length)) : 0,
    steps: options.steps_per_task_max,
    deadlineAt: handInAtOf(run),
  };
}

/** Dollars that are neither spent nor out with tasks; once a cost is not known, none are. Undefined without a bound. */
function usdLeft({ spent, options, granted }: Running): number | undefined {
  if (options.usd_max === undefined) return undefined;
  if (spent.costUsd === null) return 0;
  const out = Object.values(granted).reduce((sum, { usd = 0 }) => sum + usd, 0);
  return Math.max(0, options.usd_max - spent.costUsd - out);
}

/** Tasks that a node may still need: its work, and for reviewed work each review and revision. */
function stepsToCome(config: SupervisorConfig, { options }: Running, { phase, role, round }: Node): number {
  const isReviewed = config.reviewer !== undefined && role === config.reviewed;
  const revisionsLeft = Math.max(0, options.revisions_max + 1 - round);
  switch (phase) {
    case 'waiting':
      return isReviewed ? 2 + 2 * options.revisions_max : 1;
    case 'worked':
      return isReviewed ? 1 + 2 * revisionsLeft : 0;
    case 'reviewed':
      return 2 * revisionsLeft;
    default:
      return 0;
  }
}
