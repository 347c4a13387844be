import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, withoutTime, writtenBy } from './audit.fixture.ts';
import { settled } from './memory/settled.ts';
import { Rig } from './rig.fixture.ts';
import { TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

describe('an append whose outcome is unknown', () => {
  it.each([
    ['before', 1],
    ['after', 1],
    ['before', 2],
    ['after', 2],
    ['before', 3],
    ['after', 3],
  ] as const)('(%s storing, output %i of 3) leads to the same log', async (moment, output) => {
    const id = await rig.assign('ask-3');
    const { process } = await rig.start({
      around: (ports) => {
        let appends = 0;
        return {
          ...ports,
          journal: {
            ...ports.journal,
            append: (...call) => {
              appends += 1;
              if (appends === output) process.failNextAppend(moment);
              return ports.journal.append(...call);
            },
          },
        };
      },
    });
    await settled(rig.bus);
    const faulty = withoutTime(writtenBy('tester', rig.bus.runs.entries));
    expect(rig.bus.deliveries).toBe(1);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);

    const plain = new Rig();
    await plain.assign('ask-3');
    await plain.start();
    await settled(plain.bus);
    expect(faulty).toEqual(withoutTime(writtenBy('tester', plain.bus.runs.entries)));
    await plain.end();
  });
});

/** A model that writes long arguments, and whose provider wants its long thoughts back. */
class Thinking extends TesterPerformer {
  override async perform(...asked: Parameters<TesterPerformer['perform']>) {
    const { answer, model } = await super.perform(...asked);
    if (model?.answer.ok !== true) throw new Error('the tester was answered nothing');
    const toolCalls = [1, 2, 3].map((id) => ({
      id: `c${id}`,
      name: 'submit',
      arguments: { text: 'x'.repeat(60_000) },
    }));
    const parts = [{ kind: 'opaque' as const, block: { thinking: '思'.repeat(40_000) } }];
    const echo = { provider: 'p', model: 'm', parts };
    return { answer, model: { ...model, answer: { ...model.answer, toolCalls, echo } } };
  }
}

describe('a message that is too long with what its model wants back', () => {
  it('is written without that: what was paid is not lost, and a rebuilt actor finds what this one has', async () => {
    const id = await rig.assign('ask-2');
    const { performer } = await rig.start({ performer: new Thinking() });
    await settled(rig.bus);
    expect(performer.asked).toEqual(['ask-2']);
    const [first] = writtenBy('tester', rig.bus.runs.entries);
    expect(first?.message.model?.answer).toMatchObject({
      ok: true,
      toolCalls: [{ id: 'c1' }, { id: 'c2' }, { id: 'c3' }],
    });
    expect(first?.message.model?.answer).not.toHaveProperty('echo');
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });
});
