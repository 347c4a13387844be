import type { Performer } from '@troupe/actor';
import type { ToolOutcome } from '@troupe/contract';
import { toolSpecs } from '@troupe/tools';
import type { ToolRun } from './decide.ts';

/** Tools with an effect that one process has under way at once. */
export const EFFECTS_AT_ONCE_MAX = 4;

/**
 * Lets few effects be under way at once; the others wait before they are recorded as started. What is started when the
 * process dies is unknown and never run again: without this bound one crash made a whole burst unknown, most of
 * which had only waited for a thread.
 */
export function fewEffectsAtOnce(performer: Performer<ToolRun, ToolOutcome>): Performer<ToolRun, ToolOutcome> {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return {
    recall: performer.recall,
    async perform(toRun, context) {
      // A tool that there is not has no effect either.
      if (toolSpecs[toRun.grant.tool]?.idempotent !== false) return performer.perform(toRun, context);
      if (underWay >= EFFECTS_AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
      else underWay += 1;
      try {
        return await performer.perform(toRun, context);
      } finally {
        // The place goes to the next in line; only without one is it free.
        const next = waiting.shift();
        if (next === undefined) underWay -= 1;
        else next();
      }
    },
  };
}
