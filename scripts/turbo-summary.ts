// Reads turbo's own record of a run (`turbo run --summarize`): what each check came to, and where its words are.
import { z } from 'zod';
import { FAILED, PASSED, type CheckResult } from './check-result.ts';

const Execution = z.object({ startTime: z.number(), endTime: z.number(), exitCode: z.number().nullish() });

const Task = z.object({
  task: z.string(),
  logFile: z.string(),
  cache: z.object({ status: z.string() }),
  execution: Execution.nullish(),
});

export const TurboSummary = z.object({ tasks: z.array(Task) });
type TurboSummary = z.infer<typeof TurboSummary>;

export interface TurboCheck extends CheckResult {
  /** The file with what the check said, from the root; empty when it never ran. */
  readonly logFile: string;
}

/** One result per expected check. A check that turbo has no end for failed: it never ran. */
export const readChecks = (summary: TurboSummary, expected: readonly string[]): readonly TurboCheck[] =>
  expected.map((name) => {
    const task = summary.tasks.find((candidate) => candidate.task === name);
    if (!task?.execution) return { name, durationMs: 0, counts: FAILED, note: 'did not run', logFile: '' };
    const { startTime, endTime, exitCode } = task.execution;
    return {
      name,
      durationMs: endTime - startTime,
      counts: exitCode === 0 ? PASSED : FAILED,
      note: task.cache.status === 'HIT' ? 'cached' : '',
      logFile: task.logFile,
    };
  });
