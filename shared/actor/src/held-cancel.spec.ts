import { encodeJson, INTAKE, type RunId } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writtenBy } from './audit.fixture.ts';
import { quiet } from './memory/settled.ts';
import { Rig, RUN, TENANT } from './rig.fixture.ts';
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
const MINE: RunId = runIdOf({ tenant: TENANT, id: 'mine', seq: 0, at: 0 });

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

/** What the intake wrote, in the order of the log. */
const asked = () => writtenBy(INTAKE, rig.bus.runs.entries).map(({ message: { type, cause } }) => [type, cause]);
/** What was taken in by the actors of the runs. */
const marks = () => writtenBy(role.name, rig.bus.runs.entries).map(({ message: { run, cause } }) => [run, cause]);

describe('a request to cancel, while goals that were published before it are held back', () => {
  /** A process whose mailbox holds back the goals before this sequence. */
  const startHolding = (held: { before: number }) =>
    rig.start({
      role,
      around: ({ mailbox, ...others }) => ({
        ...others,
        mailbox: { ...mailbox, mayBring: (tenant, before) => tenant === TENANT && before <= held.before },
      }),
    });
  const passes = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += PATIENCE_MS) {
      rig.bus.clock.advance(PATIENCE_MS);
      await quiet(rig.bus);
    }
  };

  it('waits for its goal however long that takes, and is the second message of its run', async () => {
    await startHolding({ before: 1 });
    rig.bus.cancel(MINE);
    await quiet(rig.bus);
    await passes(6 * PATIENCE_MS);
    rig.bus.publishGoal(TENANT, encodeJson({ id: 'mine', goal: 'g' }));
    await quiet(rig.bus);
    // It follows its goal at once, and writes nothing more when it is tried again.
    expect(asked()).toEqual([
      ['run.started', 'goal.2'],
      ['cancel.requested', 'cancel.1'],
    ]);
    await passes(2 * PATIENCE_MS);
    expect(asked()).toHaveLength(2);
    expect(marks()).toEqual([
      [MINE, 'intake.run.0'],
      [MINE, 'intake.run.1'],
    ]);
    expect(rig.bus.unsettled).toBe(0);
  });

  it('is dropped five seconds after the last of them was delivered, if none is the goal of its run', async () => {
    const held = { before: 1 };
    await startHolding(held);
    rig.bus.cancel(RUN);
    await quiet(rig.bus);
    await passes(6 * PATIENCE_MS);
    expect(rig.bus.unsettled).toBe(1);
    held.before = 0;
    await passes(3 * PATIENCE_MS);
    expect(rig.bus.unsettled).toBe(0);
    expect(rig.bus.runs.entries).toEqual([]);
    expect(rig.bus.dead).toEqual([]);
  });
});
