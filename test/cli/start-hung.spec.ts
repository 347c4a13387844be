import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DOCS, Place } from './command.fixture.ts';

const HUNG_MS = 4_000;
const SPEC_MS_MAX = 60_000;

let place: Place;

beforeEach(async () => {
  place = await Place.make();
});

afterEach(async () => {
  await place.clear();
});

/** The process of a role that runs on this place. */
function pidOf(role: string): number {
  const pid = place
    .processes()
    .find((found) => readFileSync(`/proc/${found}/cmdline`, 'utf8').includes(`services/${role}/src/main.ts`));
  if (pid === undefined) throw new Error(`${role} does not run`);
  return pid;
}

it(
  'a role process that hangs in the middle of a run is started again, and the run completes',
  async () => {
    const settings = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_SCRIPTED_LATENCY_MS: '700' };
    const run = place.start(['What is a durable log?', '--docs', DOCS], {
      ...settings,
      TROUPE_HUNG_MS: String(HUNG_MS),
    });
    await run.said(/researcher "Task r1"/);
    const hung = pidOf('researcher');
    process.kill(hung, 'SIGSTOP');
    await run.said(new RegExp(`The role researcher \\(process ${hung}\\) has not answered for 4 s`));
    expect(await run.exited).toBe(0);
    expect(run.out).toMatch(/^# Scripted report/);
  },
  SPEC_MS_MAX,
);
