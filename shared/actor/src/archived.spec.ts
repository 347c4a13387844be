import { encodeJson, INTAKE, type RunId } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settled } from './memory/settled.ts';
import { Rig, TENANT } from './rig.fixture.ts';
import { declareRole } from './role.ts';
import { runIdOf } from './run-id.ts';
import { runTester } from './tester.fixture.ts';

/** Takes goals, and notes what comes of them. */
const role = declareRole({
  ...runTester,
  takesGoals: true,
  consumes: { 'run.started': [INTAKE], 'run.rejected': [INTAKE], 'cancel.requested': [INTAKE] },
});
const PATIENCE_MS = 5_000;

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const publish = (goal: object | string) =>
  rig.bus.publishGoal(TENANT, typeof goal === 'string' ? new TextEncoder().encode(goal) : encodeJson(goal));

/** Everything that is in the log leaves it: those runs are in the archive then. */
function leave(): RunId[] {
  const runs = new Set(rig.bus.runs.entries.map(({ subject }) => subject.split('.')[4] ?? ''));
  for (const run of runs) rig.bus.journal.archived.add(run);
  rig.bus.runs.clear();
  return [...runs];
}

describe('given a run that has left the log for the archive', () => {
  it('when its goal is published again under the same id, then it does not begin again', async () => {
    await rig.start({ role });
    publish({ id: 'mine', goal: 'g' });
    await settled(rig.bus);
    expect(leave()).toEqual([runIdOf({ tenant: TENANT, id: 'mine', seq: 0, at: 0 })]);
    publish({ id: 'mine', goal: 'g' });
    await settled(rig.bus);
    expect([rig.bus.runs.entries, rig.bus.unsettled, rig.bus.dead]).toEqual([[], 0, []]);
  });

  it.each([
    ['a goal without an id', '{"goal":"g"}'],
    ['one that cannot be read', '{"goal":'],
  ])('when consumers are made anew and all is delivered once more, then %s does not begin again', async (_, text) => {
    publish(text);
    const first = await rig.start({ role });
    await settled(rig.bus);
    expect(rig.bus.runs.entries).not.toEqual([]);
    leave();
    first.process.crash();
    rig.bus.makeConsumersAnew();
    await rig.start({ role });
    await settled(rig.bus);
    expect([rig.bus.runs.entries, rig.bus.unsettled, rig.bus.dead]).toEqual([[], 0, []]);
  });

  it('when it is cancelled, then nothing is written, and the cancel does not wait', async () => {
    await rig.start({ role });
    publish({ id: 'mine', goal: 'g' });
    await settled(rig.bus);
    const [run = ''] = leave();
    rig.bus.cancel(run);
    await settled(rig.bus);
    expect(rig.bus.clock.now()).toBeLessThan(PATIENCE_MS);
    expect([rig.bus.runs.entries, rig.bus.unsettled]).toEqual([[], 0]);
  });
});
