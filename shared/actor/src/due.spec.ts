import { encode, parseRunSubject, subjects } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quiet, settled } from './memory/settled.ts';
import { TransientError } from './ports.ts';
import { Rig, TENANT } from './rig.fixture.ts';
import type { ActorPorts } from './options.ts';
import { RecordedTelemetry } from './telemetry.fixture.ts';
import { tester, testerDecider, type TesterDecider } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const role = { ...tester, scope: 'run', takesGoals: true } as const;
const runOf = (index: number) => `01990000-0000-7000-8000-${String(index).padStart(12, '0')}`;
const BAD = runOf(3);

/** A due message with a deadline of each of so many runs. */
function due(count: number): void {
  const timers = Array.from({ length: count }, (_, index) => ({ run: runOf(index), at: 1_000 }));
  rig.bus.timers.store(subjects.due(0, TENANT, 'tester'), encode({ timers }));
}

/** A decider that breaks on the deadline of one run. */
const breaking: TesterDecider = {
  ...testerDecider,
  decide(state, input) {
    if (input.run === BAD) throw new TypeError('broken');
    return testerDecider.decide(state, input);
  },
};

const marked = () => rig.bus.runs.entries.map(({ subject }) => parseRunSubject(subject)?.run);

describe('a due message of many deadlines', () => {
  it('handles each by itself: one that fails is tried and buried alone, the others are not touched by it', async () => {
    await rig.start({ role, decider: breaking });
    due(200);
    await settled(rig.bus);
    rig.bus.clock.advance(1_000);
    await settled(rig.bus);
    expect(marked()).toHaveLength(199);
    expect(new Set(marked()).has(BAD)).toBe(false);
    expect(rig.bus.dead).toMatchObject([{ reason: 'after 5 failures: TypeError: broken' }]);
    const letter = rig.bus.dead[0]?.bytes ?? new Uint8Array();
    expect(letter.length).toBeLessThan(200);
  });

  it('that keeps ending its process is taken apart: each deadline gets a message, and a count, of its own', async () => {
    const fourth = (ports: ActorPorts): ActorPorts => ({
      ...ports,
      mailbox: {
        ...ports.mailbox,
        open: (handler) =>
          ports.mailbox.open((delivery) => handler({ ...delivery, deliveries: Math.max(4, delivery.deliveries) })),
      },
    });
    const telemetry = new RecordedTelemetry();
    await rig.start({ role, around: fourth, telemetry });
    due(20);
    await settled(rig.bus);
    expect(rig.bus.timers.entries).toHaveLength(21);
    expect(marked()).toHaveLength(20);
  });

  it('costs nothing in the log for runs that have ended', async () => {
    const result = { tenant: TENANT, task: 'run', from: 'tester', to: 'user', ordinal: 0 };
    for (let index = 0; index < 20; index += 1)
      rig.bus.runs.store(rig.bus.layout.message({ ...result, run: runOf(index) }), encode({}));
    await rig.start({ role });
    due(20);
    await settled(rig.bus);
    expect(rig.bus.runs.entries).toHaveLength(20);
    expect(rig.bus.dead).toEqual([]);
  });
});

describe('a goal, timer or cancel of a run that has ended', () => {
  it('leaves no mark, however often it comes', async () => {
    const ending: TesterDecider = { ...testerDecider, isDone: ({ inputs }) => inputs > 0 };
    await rig.start({ role, decider: ending });
    due(1);
    await quiet(rig.bus);
    expect(rig.bus.runs.entries).toHaveLength(1);
    for (let times = 0; times < 5; times += 1) due(1);
    rig.bus.cancel(runOf(0));
    await settled(rig.bus);
    expect(rig.bus.runs.entries).toHaveLength(1);
  });
});

describe('a due message in hand when the process stops at once', () => {
  it('is given back as it is: nothing is armed again', async () => {
    let armed = 0;
    const stopped = Promise.withResolvers<void>();
    const stopping = (ports: ActorPorts): ActorPorts => ({
      ...ports,
      timers: { ...ports.timers, armAlone: (...call) => (armed++, ports.timers.armAlone(...call)) },
      journal: { ...ports.journal, hasEnded: () => stopped.promise.then(() => false) },
    });
    const { runtime } = await rig.start({ role, around: stopping });
    due(10);
    await quiet(rig.bus);
    rig.bus.clock.advance(1_000);
    await quiet(rig.bus);
    await runtime.drain(0);
    stopped.reject(new TransientError('the connection is closed'));
    await quiet(rig.bus);
    expect(armed).toBe(0);
  });
});
