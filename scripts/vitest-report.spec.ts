import { expect, it } from 'vitest';
import { countTests, VitestReport } from './vitest-report.ts';

const file = (status: string, ...tests: readonly string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

const report = (passed: number, failed: number, ...testResults: ReadonlyArray<ReturnType<typeof file>>) =>
  VitestReport.parse({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 1,
    numTodoTests: 2,
    testResults,
  });

it('counts tests by outcome, with those to do among the skipped', () => {
  const counts = countTests(report(2, 1, file('passed', 'passed', 'passed'), file('failed', 'failed')), 1);
  expect(counts).toEqual({ passed: 2, failed: 1, skipped: 3 });
});

it('counts a file that did not load as a failure', () => {
  expect(countTests(report(1, 0, file('passed', 'passed'), file('failed')), 1).failed).toBe(1);
});

it('counts an exit code that no test explains as a failure', () => {
  expect(countTests(report(1, 0, file('passed', 'passed')), 1).failed).toBe(1);
});

it('counts a run without tests as a failure', () => {
  expect(countTests(report(0, 0), 0).failed).toBe(1);
});
