import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const CLOCK = pathToFileURL(join(import.meta.dirname, 'skewed-clock.ts')).href;
const HOUR_MS = 3_600_000;

/** What an expression is in a process whose clock is off. */
const inProcess = (expression: string, offMs: number): string =>
  execFileSync(process.execPath, ['--import', CLOCK, '--print', expression], {
    encoding: 'utf8',
    env: { ...process.env, TROUPE_FAULTS_CLOCK_MS: String(offMs) },
  }).trim();

describe('a process with a skewed clock', () => {
  it.each(['Date.now()', 'new Date().getTime()'])('is ahead or behind with %s', (now) => {
    for (const offMs of [HOUR_MS, -HOUR_MS]) {
      const difference = Number(inProcess(now, offMs)) - Date.now();
      expect(Math.abs(difference - offMs)).toBeLessThan(HOUR_MS / 2);
    }
  });

  it('reads times that it is given as they are', () => {
    expect(inProcess('new Date(5).getTime() + Date.parse("1970-01-01T00:00:01Z")', HOUR_MS)).toBe('1005');
    expect(inProcess('new Date(5) instanceof Date', HOUR_MS)).toBe('true');
  });
});
