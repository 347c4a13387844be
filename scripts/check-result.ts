// What a run of the checks found, and the lines that say so.

/** Tests, or checks, by outcome. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface CheckResult {
  readonly name: string;
  readonly durationMs: number;
  /** One for a plain check, one per test for a test run. */
  readonly counts: Counts;
  /** Said after the name, such as "cached"; empty for nothing. */
  readonly note: string;
}

export const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };
export const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

export const total = (results: readonly CheckResult[]): Counts =>
  results.reduce(
    (sum, { counts }) => ({
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
      skipped: sum.skipped + counts.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** Such as `pass  lint          1.2 s  cached`. */
export const resultLine = ({ name, durationMs, counts, note }: CheckResult): string => {
  const time = `${(durationMs / 1000).toFixed(1)} s`;
  return `${counts.failed === 0 ? 'pass' : 'FAIL'}  ${name.padEnd(16)}${time.padStart(8)}  ${note}`.trimEnd();
};

/** The last line of a run: `N passed, N failed, N skipped`. */
export const totalLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
