import { expect, it } from 'vitest';
import { FAILED, PASSED, resultLine, total, totalLine } from './check-result.ts';

const check = (name: string, counts = PASSED) => ({ name, durationMs: 1234, counts, note: '' });

it('sums checks and the tests of a test run', () => {
  const results = [check('lint'), check('rooms', FAILED), check('test', { passed: 40, failed: 2, skipped: 1 })];
  expect(total(results)).toEqual({ passed: 41, failed: 3, skipped: 1 });
});

it('says the total in one line', () => {
  expect(totalLine({ passed: 41, failed: 3, skipped: 0 })).toBe('41 passed, 3 failed, 0 skipped');
});

it('says each result with its time and note', () => {
  expect(resultLine({ ...check('lint'), note: 'cached' })).toBe('pass  lint               1.2 s  cached');
  expect(resultLine(check('rooms', FAILED))).toBe('FAIL  rooms              1.2 s');
});
