import { encode, LogLayout, SCHEMA_VERSION } from '@troupe/contract';
import { ROOT } from '@troupe/scripts/roles';
import { describe, expect, it } from 'vitest';
import { MARK, mixedBuilds, newerRuns, ofBuild, openNewerRuns, withOurVersion } from './builds.ts';

const LAYOUT = new LogLayout(1);
const RUN = '01990000-0000-7000-8000-000000000001';

interface Task {
  v?: number;
  cause?: string;
  title?: string;
  to?: string;
}

const log = (...tasks: Task[]) =>
  new Map([
    [
      RUN,
      tasks.map(({ v = SCHEMA_VERSION, cause = 'intake.run.0', title = 'search', to = 'writer' }, ordinal) => ({
        subject: LAYOUT.message({ tenant: 'acme', run: RUN, task: 't1', from: 'supervisor', to, ordinal }),
        seq: ordinal + 1,
        storedAt: 0,
        bytes: encode({ type: to === 'user' ? 'run.ended' : 'task.assigned', v, cause, body: { title } }),
      })),
    ],
  ]);

const NEWER = { v: SCHEMA_VERSION + 1 };
const RESULT = { to: 'user' };

describe('a run that holds what an older build does not read', () => {
  it('is open until it has its result', () => {
    expect([newerRuns(log({}, NEWER)), openNewerRuns(log({}, NEWER))]).toEqual([[RUN], [RUN]]);
    expect([newerRuns(log(NEWER, RESULT)), openNewerRuns(log(NEWER, RESULT))]).toEqual([[RUN], []]);
    expect([newerRuns(log({})), openNewerRuns(log({}))]).toEqual([[], []]);
  });

  it('is audited as if it were of this version', () => {
    const [newer] = log(NEWER).get(RUN) ?? [];
    const [known] = log({}).get(RUN) ?? [];
    expect(newer && Buffer.from(withOurVersion(newer).bytes)).toEqual(known && Buffer.from(known.bytes));
  });
});

describe('the tasks of one step', () => {
  const newer = { title: `search${MARK}` };

  it('are of one build, and both have to hand some out', () => {
    expect([...mixedBuilds(log({}, { ...newer, cause: 'b' }))]).toEqual([]);
    expect([...mixedBuilds(log({}, newer))]).toEqual([
      `${RUN}: the step on intake.run.0 was made by both builds`,
      'the newer build handed out no task',
    ]);
    expect([...mixedBuilds(log({}))]).toEqual(['the newer build handed out no task']);
  });
});

describe('a process of another build', () => {
  it('runs the same file of the other folder, where the flags of this one would let it read nothing', () => {
    const main = `${ROOT}/services/writer/src/main.ts`;
    const child = { name: 'writer', main, flags: ['--permission'], env: {}, logFile: 'x', hungMs: 0 };
    expect(ofBuild(child, '/other')).toEqual({ ...child, main: '/other/services/writer/src/main.ts', flags: [] });
  });
});
