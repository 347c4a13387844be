import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, withoutTime, writtenBy } from './audit.fixture.ts';
import { settled } from './memory/settled.ts';
import { Rig } from './rig.fixture.ts';

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
