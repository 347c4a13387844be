import { citedNumbers, type Task } from '@troupe/agent';
import type { Draft } from '@troupe/contract';

export function draftOf(task: Task): Draft | undefined {
  return task.body.inputs.findLast((input) => input.kind === 'draft');
}

/** What can be said about citations without a model: numbers without a source, and a report of facts without any. */
export function citationProblems({ markdown, sources }: Draft): string[] {
  const cited = citedNumbers(markdown);
  const dangling = cited.filter((number) => number < 1 || number > sources.length);
  return dangling.map((number) => `[${number}] does not point to a source.`);
}
