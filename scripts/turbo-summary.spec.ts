import { expect, it } from 'vitest';
import { FAILED, PASSED } from './check-result.ts';
import { readChecks, TurboSummary } from './turbo-summary.ts';

const task = (name: string, exitCode: number, status = 'MISS') => ({
  taskId: `//#${name}`,
  task: name,
  logFile: `.turbo/turbo-${name}.log`,
  cache: { status },
  execution: { startTime: 1000, endTime: 3500, exitCode },
});

it('reads outcome, time and cache of each check', () => {
  const summary = TurboSummary.parse({ tasks: [task('lint', 0, 'HIT'), task('rooms', 1)] });
  expect(readChecks(summary, ['rooms', 'lint'])).toEqual([
    { name: 'rooms', durationMs: 2500, counts: FAILED, note: '', logFile: '.turbo/turbo-rooms.log' },
    { name: 'lint', durationMs: 2500, counts: PASSED, note: 'cached', logFile: '.turbo/turbo-lint.log' },
  ]);
});

it('fails a check that turbo never ran or never finished', () => {
  const summary = TurboSummary.parse({ tasks: [{ ...task('lint', 0), execution: null }] });
  const results = readChecks(summary, ['lint', 'rooms']);
  expect(results.map(({ counts, note }) => ({ counts, note }))).toEqual([
    { counts: FAILED, note: 'did not run' },
    { counts: FAILED, note: 'did not run' },
  ]);
});
