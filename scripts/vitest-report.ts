// Reads vitest's JSON report into counts that cannot hide a failure.
import { z } from 'zod';
import { FAILED, type Counts } from './check-result.ts';

const Assertion = z.object({ status: z.string() });

export const VitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(Assertion) })),
});
type VitestReport = z.infer<typeof VitestReport>;

/**
 * The tests of a report by outcome. A file that failed without a failing test (it did not load, a hook threw) counts
 * as one failure, and so does an exit code that no failure explains (an error outside every test), and a run
 * without any test.
 */
export const countTests = (report: VitestReport, exitCode: number): Counts => {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  const unexplained = failed === 0 && (exitCode !== 0 || report.numPassedTests === 0);
  return {
    passed: report.numPassedTests,
    failed: failed + (unexplained ? FAILED.failed : 0),
    skipped: report.numPendingTests + report.numTodoTests,
  };
};
