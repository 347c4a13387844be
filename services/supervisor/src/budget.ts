import type { Budget } from '@troupe/contract';
import { tokensOf } from '@troupe/contract';
import type { SupervisorConfig } from './config.ts';
import { handInAtOf } from './deadline.ts';
import type { Node, Running } from './state.ts';

/** A task with tools asks a model several times, with a prompt that grows; all others do so once. */
const SHARES_OF_TOOL_USERS = 3;
/** Below this a share holds no prompt with its answer: nothing is kept for revisions then. */
const SHARE_TOKENS_MIN = 1_600;

/**
 * The budget of the next task: its shares of what is neither spent nor out with other tasks, over all the work that is
 * still to come. What a task does not use comes back with its answer and is shared again.
 */
export function budgetFor(config: SupervisorConfig, run: Running, node: Node): Budget {
  const { spent, options } = run;
  const out = Object.values(run.granted);
  const tokens = tokensOf(options) - spent.tokens - out.reduce((sum, budget) => sum + budget.tokens, 0);
  const calls = options.tool_calls_max - spent.toolCalls - out.reduce((sum, budget) => sum + budget.toolCalls, 0);
  const waiting = run.nodes.filter(({ phase, role }) => phase === 'waiting' && config.toolUsers.includes(role));
  const usesTools = node.phase === 'waiting' && config.toolUsers.includes(node.role);
  const part = (usesTools ? SHARES_OF_TOOL_USERS : 1) / Math.max(1, sharesToCome(config, run, tokens));
  const usd = usdLeft(run);
  return {
    tokens: Math.floor(Math.max(0, tokens) * part),
    ...(usd === undefined ? {} : { usd: usd * part }),
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

/** Shares of all the work to come; revisions have theirs only where enough is left for everything else. */
function sharesToCome(
  config: SupervisorConfig,
  { nodes, options: { revisions_max } }: Running,
  tokens: number,
): number {
  const shares = (revisions: number) => nodes.reduce((sum, node) => sum + sharesOf(config, node, revisions), 0);
  const all = shares(revisions_max);
  return tokens / Math.max(1, all) < SHARE_TOKENS_MIN ? shares(0) : all;
}

/** Shares that a node may still need: for its work, and where it is reviewed for each review and revision. */
function sharesOf(config: SupervisorConfig, { phase, role, round }: Node, revisionsMax: number): number {
  const isReviewed = config.reviewer !== undefined && role === config.reviewed;
  const revisionsLeft = Math.max(0, revisionsMax + 1 - round);
  switch (phase) {
    case 'waiting':
      if (isReviewed) return 2 + 2 * revisionsMax;
      return config.toolUsers.includes(role) ? SHARES_OF_TOOL_USERS : 1;
    case 'worked':
      return isReviewed ? 1 + 2 * revisionsLeft : 0;
    case 'reviewed':
      // It is revised now, whether anything was kept for that or not.
      return Math.max(2, 2 * revisionsLeft);
    default:
      return 0;
  }
}
