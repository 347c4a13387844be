import type { Outgoing } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, writtenBy } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import { Rig } from './rig.fixture.ts';
import { RecordedTelemetry } from './telemetry.fixture.ts';
import { testerDecider, type TesterDecider } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

/** Leaves a step of three outputs half done: one is in the log, and the process that wrote it is gone. */
async function halfDone(title = 'say-3'): Promise<string> {
  const id = await rig.assign(title);
  await rig.start({ version: 'old', prepare: (process) => process.crashAt(1, 'after') });
  await quiet(rig.bus);
  return id;
}

const outputs = () => writtenBy('tester', rig.bus.runs.entries);

describe('a message', () => {
  it('says which version of the decider made it', async () => {
    await rig.assign('say-2');
    await rig.start({ version: 'v7' });
    await settled(rig.bus);
    expect(outputs().map(({ message }) => message.decider)).toEqual(['v7', 'v7']);
  });
});

describe('half a step of another version', () => {
  it('is completed when this version makes the same of it, and somebody is told', async () => {
    const id = await halfDone();
    const telemetry = new RecordedTelemetry();
    await rig.start({ version: 'new', telemetry });
    await settled(rig.bus);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
    expect(outputs().map(({ message }) => message.decider)).toEqual(['old', 'new', 'new']);
    expect(telemetry.foreign).toEqual([`${id} by old`]);
  });

  it('is told of, too, when it is an effect whose outcome is not known', async () => {
    const id = await halfDone('effect-a');
    const telemetry = new RecordedTelemetry();
    await rig.start({ version: 'new', telemetry });
    await settled(rig.bus);
    expect(outputs().map(({ message }) => message.type)).toEqual(['effect.started', 'tool.returned']);
    expect(telemetry.foreign).toEqual([`${id} by old`]);
  });

  /** A version that says something else than the one before. */
  const deciding = (otherwise: (outputs: Outgoing[]) => Outgoing[]): TesterDecider => ({
    ...testerDecider,
    decide: (state, input) => {
      const decision = testerDecider.decide(state, input);
      return decision.kind === 'send' ? { ...decision, outputs: otherwise(decision.outputs) } : decision;
    },
  });
  const shorter = deciding((outputs) => outputs.slice(1));

  it.each([
    ['other outputs, and fewer', shorter],
    ['as many outputs in another order', deciding((outputs) => outputs.toReversed())],
    ['one output more behind the same ones', deciding((outputs) => [...outputs, ...outputs.slice(0, 1)])],
  ])('waits for that version when this one would make %s of it: nothing is mixed or buried', async (_what, decider) => {
    const id = await halfDone();
    const telemetry = new RecordedTelemetry();
    await rig.start({ version: 'new', decider, telemetry });
    for (let hour = 0; hour < 30; hour += 1) {
      rig.bus.clock.advance(3_600_000);
      await quiet(rig.bus);
    }
    expect(outputs()).toHaveLength(1);
    expect(rig.bus.dead).toEqual([]);
    expect(telemetry.events.filter((event) => !event.startsWith('left: NewerError'))).toEqual([]);
    expect(telemetry.events.at(-1)).toContain('was decided by the version old; this one (new) would decide otherwise');
    await rig.end();
    await rig.start({ version: 'old' });
    await settled(rig.bus);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('is a defect when the version is the same: a decider has to be pure', async () => {
    await halfDone();
    await rig.start({ version: 'old', decider: shorter });
    await settled(rig.bus);
    expect(outputs()).toHaveLength(1);
    expect(rig.bus.dead).toMatchObject([{ reason: expect.stringContaining('the decider is not pure') }]);
  });
});
