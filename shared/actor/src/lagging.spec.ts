import { encode, encodeJson, INTAKE, subjects } from '@troupe/contract';
import { skip } from '@troupe/decider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, writtenBy } from './audit.fixture.ts';
import { lagging } from './lagging.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import type { ActorPorts } from './options.ts';
import { Rig, type RigOptions, RUN, TENANT } from './rig.fixture.ts';
import { declareRole } from './role.ts';
import { runIdOf } from './run-id.ts';
import { RecordedTelemetry } from './telemetry.fixture.ts';
import { runTester, type TesterDecider, testerDecider, TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const faults = (inputs: string[]) => faultsIn('tester', inputs, rig.bus.runs.entries);
const written = () => writtenBy('tester', rig.bus.runs.entries).map(({ message }) => message);

/** A process whose reads see the log up to here, for so many looks. */
function behind(seq: number, looks: number, options: RigOptions = {}) {
  let left = looks;
  const view = () => (left-- > 0 ? seq : Infinity);
  return rig.start({ ...options, around: (ports) => lagging(ports, rig.bus, view) });
}

/** A process handles what there is, and dies before its last ack. */
async function handledAndDied(acks: number): Promise<void> {
  const died = await rig.start({ prepare: (process) => process.crashAt(acks, 'before') });
  await quiet(rig.bus);
  expect(died.process.crashed).toBe(true);
}

describe('a process that reads from a server that lags behind', () => {
  it('loses one race, reads on until it sees what it lost it to, and writes nothing twice', async () => {
    const id = await rig.assign('say-2');
    await handledAndDied(3);
    const telemetry = new RecordedTelemetry();
    await behind(1, 6, { telemetry });
    await settled(rig.bus);
    expect(faults([id])).toEqual([]);
    expect(written()).toHaveLength(2);
    // The refusal says up to where: it does not run into it again and again.
    expect(telemetry.conflicts).toBe(1);
  });

  it('runs no effect again that it does not see, and calls none unknown whose result is there', async () => {
    const id = await rig.assign('effect-a');
    await handledAndDied(3);
    const { performer } = await behind(1, 6);
    await settled(rig.bus);
    expect(performer.effects).toEqual([]);
    expect(faults([id])).toEqual([]);
    expect(written().at(-1)).toMatchObject({ body: { outcome: { content: expect.stringContaining('answer to') } } });
  });

  it('tells what its effect came to, though the race was lost and the winner cannot be read for a while', async () => {
    const performer = new TesterPerformer();
    let goOn: () => void = () => undefined;
    performer.gate = () => new Promise((resolve) => (goOn = resolve));
    let isBehind = false;
    const view = () => (isBehind ? 2 : Infinity);
    await rig.start({ performer, around: (ports) => lagging(ports, rig.bus, view) });
    const effect = await rig.assign('effect-a');
    await quiet(rig.bus);
    await rig.start();
    // One of the two is for the other process, which moves the actor on.
    const others = [await rig.assign('say-1'), await rig.assign('say-1')];
    await quiet(rig.bus);
    isBehind = true;
    goOn();
    await quiet(rig.bus);
    rig.bus.clock.advance(50);
    await quiet(rig.bus);
    isBehind = false;
    await settled(rig.bus);
    expect(performer.effects).toEqual(['effect-a']);
    expect(faults([effect, ...others])).toEqual([]);
    const answer = written().find(({ type, cause }) => type === 'tool.returned' && cause === effect);
    expect(answer).toMatchObject({ body: { outcome: { content: expect.stringContaining('answer to') } } });
  });

  it('skips no signal because it does not see what the signal is about', async () => {
    const decider: TesterDecider = {
      ...testerDecider,
      decide: (state, input) =>
        input.type === 'deadline' && state.inputs === 0 ? skip() : testerDecider.decide(state, input),
    };
    const role = declareRole({ ...runTester, takesGoals: true });
    await rig.assign('say-1');
    const first = await rig.start({ role, decider });
    await settled(rig.bus);
    first.process.crash();
    rig.bus.timers.store(subjects.due(0, TENANT, 'tester'), encode({ timers: [{ run: RUN, at: 1_000 }] }));
    await behind(1, 3, { role, decider });
    await settled(rig.bus);
    expect(written().map(({ cause }) => cause)).toEqual(['supervisor.t1.0', 'due.1.1000']);
  });

  it('drops no request to cancel because it does not see the beginning of its run, however long', async () => {
    const role = declareRole({ ...runTester, takesGoals: true, consumes: { 'run.started': [INTAKE] } });
    const run = runIdOf({ tenant: TENANT, id: 'mine', seq: 0, at: 0 });
    let isBehind = true;
    const view = () => (isBehind ? 0 : Infinity);
    await rig.start({ role, around: (ports) => lagging(ports, rig.bus, view) });
    rig.bus.publishGoal(TENANT, encodeJson({ id: 'mine', goal: 'g' }));
    await settled(rig.bus);
    rig.bus.cancel(run);
    for (let seconds = 0; seconds < 20; seconds += 1) {
      await quiet(rig.bus);
      rig.bus.clock.advance(1_000);
    }
    await quiet(rig.bus);
    isBehind = false;
    rig.bus.clock.advance(30_000);
    await quiet(rig.bus);
    expect(writtenBy(INTAKE, rig.bus.runs.entries).map(({ message: { type } }) => type)).toEqual([
      'run.started',
      'cancel.requested',
    ]);
  });
});

describe('a first delivery that comes twice, because a new leader does not know of the old one’s', () => {
  /** As a process sees what it takes for new: nobody can have handled it before. */
  const asFirst = (ports: ActorPorts): ActorPorts => ({
    ...ports,
    mailbox: {
      ...ports.mailbox,
      open: (handler) => ports.mailbox.open((d) => handler({ ...d, isFresh: true, deliveries: 1 })),
    },
  });

  it('costs a question that is asked twice, and no second answer', async () => {
    const performers = [new TesterPerformer(), new TesterPerformer()];
    const answers: (() => void)[] = [];
    for (const performer of performers) {
      performer.gate = () => new Promise((resolve) => answers.push(resolve));
      await rig.start({ performer, around: asFirst });
    }
    const id = await rig.assign('ask-2');
    await quiet(rig.bus);
    rig.bus.clock.advance(5_000);
    await quiet(rig.bus);
    for (const answer of answers) answer();
    await settled(rig.bus);
    expect(performers.map(({ asked }) => asked)).toEqual([['ask-2'], ['ask-2']]);
    expect(faults([id])).toEqual([]);
    expect(written()).toHaveLength(2);
  });

  it('runs no effect twice: only one of them can record that it begins', async () => {
    const performers = [new TesterPerformer(), new TesterPerformer()];
    const begun: (() => void)[] = [];
    for (const performer of performers) {
      performer.threshold = () => new Promise((resolve) => begun.push(resolve));
      await rig.start({ performer, around: asFirst });
    }
    const id = await rig.assign('effect-a');
    await quiet(rig.bus);
    rig.bus.clock.advance(5_000);
    await quiet(rig.bus);
    expect(begun).toHaveLength(2);
    for (const goOn of begun) goOn();
    await settled(rig.bus);
    expect(performers.flatMap(({ effects }) => effects)).toEqual(['effect-a']);
    expect(faults([id])).toEqual([]);
  });
});
