import { afterEach, describe, expect, it } from 'vitest';
import { faultsIn, withoutTime, writtenBy } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import type { Moment } from './memory/process-ports.ts';
import { Rig } from './rig.fixture.ts';
import { TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
afterEach(() => rig.end());

/** The effects of a run without faults: how many points there are to crash at. */
async function withoutCrash(titles: readonly string[]) {
  rig = new Rig();
  const inputs: string[] = [];
  for (const title of titles) inputs.push(await rig.assign(title));
  const { process } = await rig.start();
  await settled(rig.bus);
  const log = withoutTime(writtenBy('tester', rig.bus.runs.entries));
  await rig.end();
  return { effects: process.effects, inputs, log };
}

/** Crashes the first process at one point; `between` happens before a second one starts. */
async function withCrash(
  titles: readonly string[],
  point: { effect: number; moment: Moment },
  between: () => Promise<unknown> = () => Promise.resolve(),
) {
  rig = new Rig();
  const inputs: string[] = [];
  for (const title of titles) inputs.push(await rig.assign(title));
  const first = await rig.start({ prepare: (process) => process.crashAt(point.effect, point.moment) });
  await quiet(rig.bus);
  expect(first.process.crashed).toBe(true);
  await between();
  const second = await rig.start();
  await settled(rig.bus);
  return { inputs, first, second, entries: rig.bus.runs.entries };
}

const points = (effects: number) =>
  Array.from({ length: effects }, (_, index) =>
    (['before', 'after'] as const).map((moment) => ({ effect: index + 1, moment })),
  ).flat();

/** Steps without an effect: what they write does not depend on when a process died. */
const REPEATABLE = [['say-1'], ['say-3'], ['ask-3'], ['say-0'], ['say-2', 'ask-2', 'say-3']];

describe('a process that dies at any append or ack', () => {
  it.each(REPEATABLE.map((titles) => [titles.join(', '), titles] as const))(
    'leaves, after %s, the log that there is without the crash',
    async (_name, titles) => {
      const reference = await withoutCrash(titles);
      expect(faultsIn('tester', reference.inputs, rig.bus.runs.entries)).toEqual([]);
      for (const point of points(reference.effects)) {
        const { entries, inputs } = await withCrash(titles, point);
        expect({ point, log: withoutTime(writtenBy('tester', entries)) }).toEqual({ point, log: reference.log });
        expect({ point, faults: faultsIn('tester', inputs, entries) }).toEqual({ point, faults: [] });
        await rig.end();
      }
    },
  );

  it('does not ask again for an answer that is in the log', async () => {
    const { effects } = await withoutCrash(['ask-3']);
    for (const point of points(effects)) {
      const { first, second, entries } = await withCrash(['ask-3'], point);
      const isFirstStored = point.effect > 1 || point.moment === 'after';
      expect({ point, asked: first.performer.asked.length + second.performer.asked.length }).toEqual({
        point,
        asked: isFirstStored ? 1 : 2,
      });
      expect(writtenBy('tester', entries).flatMap(({ message }) => message.model ?? [])).toHaveLength(1);
      await rig.end();
    }
  });

  it('completes a step with the answer that its first output carries, whatever a model would say now', async () => {
    rig = new Rig();
    const id = await rig.assign('ask-3');
    await rig.start({
      performer: new TesterPerformer(() => 'the first answer'),
      prepare: (process) => process.crashAt(2, 'before'),
    });
    await quiet(rig.bus);
    await rig.start({ performer: new TesterPerformer(() => 'another answer') });
    await settled(rig.bus);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
    expect(JSON.stringify(writtenBy('tester', rig.bus.runs.entries))).not.toContain('another answer');
  });

  it('never repeats an effect that was recorded as started, and still answers for it', async () => {
    const { effects } = await withoutCrash(['effect-a']);
    for (const point of points(effects)) {
      const { inputs, first, second, entries } = await withCrash(['effect-a'], point);
      const happened = [...first.performer.effects, ...second.performer.effects];
      expect({ point, tooOften: happened.length > 1 }).toEqual({ point, tooOften: false });
      expect({ point, faults: faultsIn('tester', inputs, entries) }).toEqual({ point, faults: [] });
      const types = writtenBy('tester', entries).map(({ message }) => message.type);
      expect({ point, types }).toEqual({ point, types: ['effect.started', 'tool.returned'] });
      await rig.end();
    }
  });

  it.each([['say-3'], ['ask-3'], ['effect-a']])(
    'loses nothing of %s when another input of the same actor is handled before the redelivery',
    async (title) => {
      const { effects } = await withoutCrash([title]);
      for (const point of points(effects)) {
        let other = '';
        const { inputs, entries } = await withCrash([title], point, async () => (other = await rig.assign('say-1')));
        expect({ point, faults: faultsIn('tester', [...inputs, other], entries) }).toEqual({ point, faults: [] });
        await rig.end();
      }
    },
  );

  it('leaves a half step that is made whole before another input of the same actor is decided on', async () => {
    let other = '';
    const { inputs, entries } = await withCrash(['say-3'], { effect: 2, moment: 'before' }, async () => {
      other = await rig.assign('say-1');
    });
    const [cut = ''] = inputs;
    expect(writtenBy('tester', entries).map(({ message }) => message.cause)).toEqual([cut, cut, cut, other]);
  });

  it('loses nothing when it dies again and again, each time one effect later', async () => {
    rig = new Rig();
    const inputs = [await rig.assign('say-3'), await rig.assign('ask-2'), await rig.assign('say-2')];
    for (let crashes = 0; crashes < 12 && rig.bus.unsettled + Number(crashes === 0) > 0; crashes += 1) {
      await rig.start({ prepare: (process) => process.crashAt(2, 'after') });
      await quiet(rig.bus);
      rig.bus.clock.advance(5_000);
      await quiet(rig.bus);
    }
    await rig.start();
    await settled(rig.bus);
    expect(faultsIn('tester', inputs, rig.bus.runs.entries)).toEqual([]);
  });
});
