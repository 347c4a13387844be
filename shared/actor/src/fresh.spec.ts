import { encodeJson, INTAKE, messageId } from '@troupe/contract';
import { ask, send } from '@troupe/decider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writtenBy } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import type { ActorPorts } from './options.ts';
import { Rig } from './rig.fixture.ts';
import { declareRole } from './role.ts';
import { runTester, tester, testerDecider, TesterPerformer, type TesterDecider } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

/** As the broker delivers what was stored while it served this process without a break. */
const asFresh = (ports: ActorPorts): ActorPorts => ({
  ...ports,
  mailbox: { ...ports.mailbox, open: (handler) => ports.mailbox.open((d) => handler({ ...d, isFresh: true })) },
});

/** What was read of logs, and the ports that count it. */
function counting() {
  const looks: unknown[] = [];
  const around = (ports: ActorPorts): ActorPorts => {
    const fresh = asFresh(ports);
    const sent: ActorPorts['journal']['sent'] = (...call) => (looks.push(call), fresh.journal.sent(...call));
    return { ...fresh, journal: { ...fresh.journal, sent } };
  };
  return { looks, around };
}

/** Asks about the first message of an actor. */
const asking: TesterDecider = {
  ...testerDecider,
  decide: ({ inputs }) => (inputs === 0 ? ask({ title: 'ask-1', isEffect: false }) : send()),
};

describe('a message that is fresh', () => {
  const refused = { type: 'output.refused', body: { reason: '' } } as const;
  const hearing = (...senders: string[]) => declareRole({ ...tester, consumes: { 'output.refused': senders } });

  it.each([
    ['the first of the only role that an actor of a task hears: nothing came before it', hearing('supervisor'), 0, 0],
    ['not the first', hearing('supervisor'), 1, 1],
    ['of one of two roles that it hears', hearing('supervisor', 'policy-guard'), 0, 1],
    ['to an actor of the whole run', { ...hearing('supervisor'), scope: 'run' as const }, 0, 1],
  ])('and %s', async (_what, role, ordinal, expected) => {
    const { looks, around } = counting();
    for (let earlier = 0; earlier < ordinal; earlier += 1) await rig.assign('say-1', 't2');
    await rig.assign('say-1', 't1', refused);
    await rig.start({ role, decider: asking, around });
    await settled(rig.bus);
    expect(looks).toHaveLength(expected);
    expect(rig.bus.runs.entries.filter(({ subject }) => subject.includes('.t1.tester.'))).toHaveLength(1);
  });

  it.each([
    ['answers the first message of its task: nothing came before it either', 't1', 0, 0],
    ['answers a later one', 't1', 1, 1],
    ['answers the first message of another task', 't2', 0, 1],
  ])('and not the first, but %s', async (_what, task, ordinal, expected) => {
    const { looks, around } = counting();
    await rig.assign('say-1', 't2');
    await rig.assign('say-1', 't1', { ...refused, cause: messageId('researcher', task, ordinal) });
    await rig.start({ role: hearing('supervisor'), decider: asking, around });
    await settled(rig.bus);
    expect(looks).toHaveLength(expected);
  });
});

describe('an answer that overtakes the ack of the message that it answers', () => {
  it('costs no look into the log', async () => {
    const { looks, around } = counting();
    let acked: () => void = () => undefined;
    const slowly = (ports: ActorPorts): ActorPorts => {
      const { journal, ...others } = around(ports);
      const append: typeof journal.append = async (...call) => {
        const seq = await journal.append(...call);
        await new Promise<void>((resolve) => (acked = resolve));
        return seq;
      };
      return { ...others, journal: { ...journal, append } };
    };
    await rig.start({ around: slowly });
    await rig.assign('say-1');
    await quiet(rig.bus);
    const answer = await rig.assign('say-1', 't1', { cause: messageId('tester', 't1', 0) });
    await quiet(rig.bus);
    acked();
    await quiet(rig.bus);
    acked();
    await settled(rig.bus);
    expect(looks).toEqual([]);
    expect(writtenBy('tester', rig.bus.runs.entries).map(({ message }) => message.cause)).toContain(answer);
  });
});

describe('a goal that is fresh', () => {
  const role = declareRole({
    ...runTester,
    takesGoals: true,
    consumes: { 'run.started': [INTAKE], 'run.rejected': [INTAKE] },
  });
  const publish = (goal: object) => rig.bus.publishGoal('acme', encodeJson(goal));
  const start = async () => {
    const performer = new TesterPerformer();
    await rig.start({ role, decider: asking, performer, around: asFresh });
    await settled(rig.bus);
    return performer.asked;
  };

  it('and has the id of one before it asks no model, whatever its options are: nothing is written for it', async () => {
    publish({ goal: 'g', id: 'mine' });
    expect(await start()).toEqual(['ask-1']);
    await rig.end();
    const before = [...rig.bus.runs.entries];
    publish({ goal: 'g', id: 'mine' });
    publish({ goal: 'another', id: 'mine', options: { preset: 'small', deadline_ms: 1_000 } });
    expect(await start()).toEqual([]);
    expect(rig.bus.runs.entries).toEqual(before);
    expect(rig.bus.dead).toEqual([]);
  });

  it.each([
    ['has no id', { goal: 'g' }],
    ['has an id that is new', { goal: 'g', id: 'mine' }],
    ['cannot be read', { gaol: 'g' }],
  ])('and %s asks at once: nothing comes to its run before', async (_what, goal) => {
    publish(goal);
    const { looks, around } = counting();
    await rig.start({ role, decider: asking, around });
    await settled(rig.bus);
    expect(looks).toEqual([]);
    expect(rig.bus.runs.entries).toHaveLength(2);
  });
});
