import { isDeepStrictEqual } from 'node:util';
import { Goal } from '@troupe/contract';
import type { NewGoal } from '../cli/api-client.ts';
import type { ListedRun } from '../cli/run-list.ts';

/** Whether an unfinished run has this very goal with the same options: then it goes on instead of beginning anew. */
export function sameGoal({ goal: published }: ListedRun, wanted: NewGoal): boolean {
  if (published.type !== 'goal.accepted') return false;
  const { goal, options } = Goal.parse({ goal: wanted.goal, options: wanted.options });
  return published.goal.goal === goal && isDeepStrictEqual(published.goal.options, options);
}
