import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, writtenBy } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import { ConflictError } from './ports.ts';
import { Rig } from './rig.fixture.ts';
import { RecordedTelemetry } from './telemetry.fixture.ts';
import { runTester, TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

/** A performer that answers only when it is told to. */
function gated() {
  const performer = new TesterPerformer();
  const open = new Map<string, () => void>();
  performer.gate = (title) => new Promise((resolve) => open.set(title, resolve));
  return { performer, answer: (title: string) => open.get(title)?.() };
}

const faults = (inputs: string[]) => faultsIn('tester', inputs, rig.bus.runs.entries);

describe('two replicas of a role', () => {
  it('write one valid log when both take an input of the same new actor at once', async () => {
    const telemetry = new RecordedTelemetry();
    await rig.start({ telemetry });
    await rig.start({ telemetry });
    const inputs = [
      await rig.assign('say-2'),
      await rig.assign('say-3'),
      await rig.assign('say-0'),
      await rig.assign('say-1'),
    ];
    await settled(rig.bus);
    expect(faults(inputs)).toEqual([]);
    expect(telemetry.conflicts).toBeGreaterThan(0);
    expect(rig.bus.dead).toEqual([]);
  });

  it('decide again on what the other wrote when they lose the race with an answer in hand', async () => {
    const slow = gated();
    const telemetry = new RecordedTelemetry();
    await rig.start({ performer: slow.performer, telemetry });
    await rig.start();
    const asked = await rig.assign('ask-1');
    const said = await rig.assign('say-1');
    await quiet(rig.bus);
    expect(faults([said])).toEqual([]);
    slow.answer('ask-1');
    await quiet(rig.bus);
    slow.answer('ask-1');
    await settled(rig.bus);
    expect(telemetry.conflicts).toBe(1);
    expect(faults([said, asked])).toEqual([]);
    const [, last] = writtenBy('tester', rig.bus.runs.entries);
    expect(last?.message).toMatchObject({
      cause: asked,
      body: { what: expect.stringContaining('"inputs":1,"outputs":1') },
    });
  });

  it('answer for every effect when each runs one for the same actor at the same time', async () => {
    const [one, two] = [gated(), gated()];
    await rig.start({ performer: one.performer });
    await rig.start({ performer: two.performer });
    const inputs = [await rig.assign('effect-a'), await rig.assign('effect-b')];
    await quiet(rig.bus);
    for (const title of ['effect-a', 'effect-b']) {
      one.answer(title);
      two.answer(title);
    }
    await settled(rig.bus);
    expect([...one.performer.effects, ...two.performer.effects].toSorted()).toEqual(['effect-a', 'effect-b']);
    expect(faults(inputs)).toEqual([]);
  });

  it('answer for an effect with its result, not with "unknown", when only the race for the log was lost', async () => {
    const slow = gated();
    await rig.start({ performer: slow.performer });
    await rig.start();
    const effect = await rig.assign('effect-a');
    await quiet(rig.bus);
    const other = await rig.assign('say-1');
    await quiet(rig.bus);
    slow.answer('effect-a');
    await settled(rig.bus);
    expect(faults([effect, other])).toEqual([]);
    expect(writtenBy('tester', rig.bus.runs.entries).at(-1)?.message).toMatchObject({
      cause: effect,
      body: { outcome: { content: expect.stringContaining('answer to') } },
    });
  });

  it('run an effect once when one is overtaken before it has recorded the start', async () => {
    const slow = new TesterPerformer();
    let goOn: () => void = () => undefined;
    slow.threshold = () => new Promise((resolve) => (goOn = resolve));
    await rig.start({ performer: slow });
    const quick = await rig.start();
    const effect = await rig.assign('effect-a');
    await quiet(rig.bus);
    // The slow process has lost touch: the message is delivered to the other one, which does all of it.
    rig.bus.clock.advance(5_000);
    await quiet(rig.bus);
    expect(quick.performer.effects).toEqual(['effect-a']);
    // The slow one learns of that through another input of the same actor, with the effect still ahead.
    const other = await rig.assign('say-1');
    await quiet(rig.bus);
    goOn();
    await settled(rig.bus);
    expect(slow.effects).toEqual([]);
    expect(faults([effect, other])).toEqual([]);
  });

  it('run an effect once when two inputs of one actor ask for it at the same time', async () => {
    const performer = new TesterPerformer();
    const begun: (() => void)[] = [];
    performer.threshold = () => new Promise((resolve) => begun.push(resolve));
    await rig.start({ performer });
    const inputs = [await rig.assign('effect-a'), await rig.assign('effect-a')];
    await quiet(rig.bus);
    expect(begun).toHaveLength(2);
    for (const goOn of begun) goOn();
    await settled(rig.bus);
    // What the first one recorded forbids the second.
    expect(performer.effects).toEqual(['effect-a']);
    expect(faults(inputs)).toEqual([]);
  });

  it('are given back a race that has no end: a step is not decided again for ever', async () => {
    const telemetry = new RecordedTelemetry();
    let appends = 0;
    await rig.assign('say-1');
    await rig.start({
      telemetry,
      around: (ports) => ({
        ...ports,
        journal: {
          ...ports.journal,
          append: () => {
            appends += 1;
            return Promise.reject(appends > 1_000 ? new TypeError('endless') : new ConflictError('lost'));
          },
        },
      }),
    });
    await quiet(rig.bus);
    expect(telemetry.events).toEqual(['retry: ConflictError: lost']);
    expect(appends).toBe(telemetry.conflicts + 1);
  });

  it('go on with the answer of the one that has begun to write, not with a second one', async () => {
    const slow = new TesterPerformer(() => 'the slow answer');
    let goOn: () => void = () => undefined;
    slow.gate = () => new Promise((resolve) => (goOn = resolve));
    await rig.start({ performer: slow });
    const quick = new TesterPerformer(() => 'the quick answer');
    await rig.start({ performer: quick, prepare: (process) => process.crashAt(2, 'before') });
    const asked = await rig.assign('ask-3');
    await quiet(rig.bus);
    // The message goes to the quick one too, which dies with one of three outputs written.
    rig.bus.clock.advance(5_000);
    await quiet(rig.bus);
    const other = await rig.assign('say-1');
    await quiet(rig.bus);
    goOn();
    await settled(rig.bus);
    expect(faults([asked, other])).toEqual([]);
    expect(JSON.stringify(writtenBy('tester', rig.bus.runs.entries))).not.toContain('the slow answer');
  });

  it('read what the other wrote before they decide on an answer to it', async () => {
    const telemetry = new RecordedTelemetry();
    const [first, second] = [await rig.start({ telemetry }), await rig.start({ telemetry })];
    const inputs = [await rig.assign('say-1')];
    await settled(rig.bus);
    await second.process.ports.mailbox.stopPulling();
    await first.process.ports.mailbox.stopPulling();
    // A third replica moves the actor on while the first one has it warm.
    const third = await rig.start();
    inputs.push(await rig.assign('say-1'));
    await settled(rig.bus);
    third.process.crash();
    await first.runtime.start();
    inputs.push(await rig.assign('say-1', 't1', { cause: 'tester.t1.1' }));
    await settled(rig.bus);
    expect(faults(inputs)).toEqual([]);
    expect(telemetry.conflicts).toBe(0);
  });

  it('keep one log per run over all of its tasks when the actor is per run', async () => {
    await rig.start({ role: runTester });
    await rig.start({ role: runTester });
    const inputs = [await rig.assign('say-2', 't1'), await rig.assign('say-2', 't2'), await rig.assign('ask-1', 't3')];
    await settled(rig.bus);
    expect(faultsIn('tester', inputs, rig.bus.runs.entries, true)).toEqual([]);
  });
});

describe('a redelivery', () => {
  it('of an input that is handled is acked without another word', async () => {
    const id = await rig.assign('say-2');
    const first = await rig.start({ prepare: (process) => process.crashAt(3, 'before') });
    await quiet(rig.bus);
    expect(first.process.crashed).toBe(true);
    const second = await rig.start();
    await settled(rig.bus);
    expect(second.process.effects).toBe(1);
    expect(faults([id])).toEqual([]);
  });

  it('of an input that is in hand does not start it again', async () => {
    const { performer, answer } = gated();
    const telemetry = new RecordedTelemetry();
    const id = await rig.assign('ask-1');
    await rig.start({ performer, telemetry });
    await quiet(rig.bus);
    expect(telemetry.redeliveries).toBe(0);
    rig.bus.clock.advance(5_000);
    await quiet(rig.bus);
    expect(rig.bus.deliveries).toBe(2);
    // Counted where it happens, although nothing is started for it.
    expect(telemetry.redeliveries).toBe(1);
    answer('ask-1');
    await quiet(rig.bus);
    expect(performer.asked).toEqual(['ask-1']);
    expect(rig.bus.unsettled).toBe(0);
    expect(faults([id])).toEqual([]);
  });
});
