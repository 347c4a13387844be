import { decode, encode, INTAKE, LOG } from '@troupe/contract';
import { ask } from '@troupe/decider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import type { ActorPorts } from './options.ts';
import { Rig } from './rig.fixture.ts';
import { declareRole } from './role.ts';
import { runTester, testerDecider, type TesterDecider, TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const PLAN = {
  to: LOG,
  task: 'run',
  budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
  integrity: 'agent' as const,
};

const TITLES = ['ask-1', 'ask-3', 'effect-a'];

/** As a consumer that was made anew delivers: everything that is retained, each as if for the first time. */
const asNew = (ports: ActorPorts): ActorPorts => ({
  ...ports,
  mailbox: { ...ports.mailbox, open: (handler) => ports.mailbox.open((d) => handler({ ...d, deliveries: 1 })) },
});

describe('a consumer that is made anew', () => {
  it('asks no model and repeats no effect: the log is looked at before the first question of an actor', async () => {
    const inputs: string[] = [];
    for (const [index, title] of TITLES.entries()) inputs.push(await rig.assign(title, `t${index}`));
    await rig.start();
    await settled(rig.bus);
    const before = rig.bus.runs.entries.length;
    await rig.end();

    rig.bus.makeConsumersAnew();
    const performer = new TesterPerformer();
    await rig.start({ performer, around: asNew });
    await settled(rig.bus);
    expect(performer.asked).toEqual([]);
    expect(performer.effects).toEqual([]);
    expect(rig.bus.runs.entries).toHaveLength(before);
    expect(faultsIn('tester', inputs, rig.bus.runs.entries)).toEqual([]);
  });

  it('looks once per actor: an actor whose log is known asks at once', async () => {
    let looks = 0;
    const counted = (ports: ActorPorts): ActorPorts => ({
      ...ports,
      journal: { ...ports.journal, sent: (...call) => (looks++, ports.journal.sent(...call)) },
    });
    for (let index = 0; index < 5; index += 1) await rig.assign('ask-1', 't1');
    await rig.start({ around: counted });
    await settled(rig.bus);
    expect(looks).toBe(1);
  });
});

describe('a step that failed behind its first output', () => {
  it('asks no model again when it is tried again in the same process', async () => {
    const fresh = (ports: ActorPorts): ActorPorts => ({
      ...ports,
      mailbox: { ...ports.mailbox, open: (handler) => ports.mailbox.open((d) => handler({ ...d, isFresh: true })) },
    });
    const input = await rig.assign('ask-3', 't1');
    const performer = new TesterPerformer();
    await rig.start({ performer, around: fresh, prepare: (process) => process.failNextAppend('after') });
    await settled(rig.bus);
    expect(performer.asked).toEqual(['ask-3']);
    expect(faultsIn('tester', [input], rig.bus.runs.entries)).toEqual([]);
  });
});

describe('an actor that is done', () => {
  it('is read from its log once, however many messages still come for it', async () => {
    let reads = 0;
    const counted = (ports: ActorPorts): ActorPorts => ({
      ...ports,
      journal: {
        ...ports.journal,
        sent: (...call) => (reads++, ports.journal.sent(...call)),
        received: (...call) => (reads++, ports.journal.received(...call)),
      },
    });
    await rig.start({ around: counted, decider: { ...testerDecider, isDone: ({ outputs }) => outputs > 0 } });
    const give = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        await rig.assign('say-1', 't1');
        await settled(rig.bus);
      }
    };
    await give(3);
    const before = reads;
    await give(20);
    expect(reads).toBe(before);
  });
});

describe('a goal that is published again while its question is open', () => {
  const role = declareRole({
    ...runTester,
    takesGoals: true,
    consumes: { ...runTester.consumes, 'run.started': [INTAKE] },
  });
  const planning: TesterDecider = {
    ...testerDecider,
    decide: (state, input) =>
      input.type === 'run.started' && state.outputs === 0
        ? ask({ title: input.body.goal.goal, isEffect: false })
        : { kind: 'skip' },
    conclude: (state, input, answer) =>
      state.outputs > 0 || input.type !== 'run.started'
        ? []
        : [{ ...PLAN, type: 'noted', body: { what: `${input.body.goal.goal}: ${answer}` } }],
  };

  it('changes nothing: the run is that of the first, though the second would have been answered sooner', async () => {
    const opened = Promise.withResolvers<void>();
    const performer = new TesterPerformer(() => 'plan');
    performer.gate = (title) => (title === 'first' ? opened.promise : Promise.resolve());
    await rig.start({ role, decider: planning, performer });
    for (const goal of ['first', 'second', 'third'])
      rig.bus.publishGoal('default', encode({ id: 'one', goal, options: { deadline_ms: 1_000 * goal.length } }));
    await quiet(rig.bus);
    opened.resolve();
    await settled(rig.bus);
    expect(performer.asked).toEqual(['first']);
    const said = rig.bus.runs.entries.map(({ bytes }) => decode(bytes));
    expect(said).toMatchObject([
      { type: 'run.started', body: { goal: { goal: 'first' } } },
      { type: 'noted', body: { what: 'first: plan' } },
    ]);
    expect(said).toHaveLength(2);
  });
});
