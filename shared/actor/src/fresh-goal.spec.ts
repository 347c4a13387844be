import { encodeJson } from '@troupe/contract';
import { ask, send } from '@troupe/decider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settled } from './memory/settled.ts';
import type { ActorPorts } from './options.ts';
import { Rig } from './rig.fixture.ts';
import { declareRole } from './role.ts';
import { runTester, testerDecider, TesterPerformer, type TesterDecider } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

/** As the broker delivers what was stored while it served this process without a break. */
const asFresh = (ports: ActorPorts): ActorPorts => ({
  ...ports,
  mailbox: { ...ports.mailbox, open: (handler) => ports.mailbox.open((d) => handler({ ...d, isFresh: true })) },
});

describe('a goal that is fresh', () => {
  const role = declareRole({ ...runTester, takesGoals: true });
  /** Asks about the first goal of a run. */
  const decider: TesterDecider = {
    ...testerDecider,
    decide: ({ inputs }) => (inputs === 0 ? ask({ title: 'ask-1', isEffect: false }) : send()),
  };
  const publish = (goal: object) => rig.bus.publishGoal('acme', encodeJson(goal));
  const start = async () => {
    const performer = new TesterPerformer();
    await rig.start({ role, decider, performer, around: asFresh });
    await settled(rig.bus);
    return performer.asked;
  };

  it('and has the id of one before it asks no model: its run may have a log', async () => {
    publish({ goal: 'g', id: 'mine' });
    expect(await start()).toEqual(['ask-1']);
    await rig.end();
    publish({ goal: 'g', id: 'mine' });
    expect(await start()).toEqual([]);
  });

  it('and has no id asks at once: nobody can have begun its run', async () => {
    publish({ goal: 'g' });
    const looks: unknown[] = [];
    const around = (ports: ActorPorts): ActorPorts => {
      const fresh = asFresh(ports);
      const sent: ActorPorts['journal']['sent'] = (...call) => (looks.push(call), fresh.journal.sent(...call));
      return { ...fresh, journal: { ...fresh.journal, sent } };
    };
    await rig.start({ role, decider, around });
    await settled(rig.bus);
    expect(looks).toEqual([]);
    expect(rig.bus.runs.entries).toHaveLength(1);
  });
});
