import { subjects } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, withoutTime, writtenBy } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import { TransientError } from './ports.ts';
import { Rig, RUN } from './rig.fixture.ts';
import { DEFECTS_MAX, DELIVERIES_MAX } from './settle.ts';
import { RecordedTelemetry } from './telemetry.fixture.ts';
import { TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const failing = (error: () => Error, times = Infinity) => {
  const performer = new TesterPerformer();
  let failures = 0;
  performer.gate = () => (failures++ < times ? Promise.reject(error()) : Promise.resolve());
  return performer;
};

describe('a delivery', () => {
  it('that is malformed goes to the dead letters with its bytes and the reason, at once', async () => {
    const bytes = new TextEncoder().encode('{"type":"task.assigned"');
    const subject = subjects.message({ run: RUN, task: 't1', from: 'supervisor', to: 'tester', ordinal: 0 });
    rig.bus.runs.store(subject, bytes);
    await rig.start();
    await quiet(rig.bus);
    expect(rig.bus.unsettled).toBe(0);
    expect(rig.bus.dead).toEqual([
      { role: 'tester', subject, seq: 1, bytes, reason: expect.stringMatching(/^malformed: the message is neither/) },
    ]);
  });

  it('that meets a defect is tried five times and then goes to the dead letters', async () => {
    await rig.assign('break-1');
    await rig.start();
    await settled(rig.bus);
    expect(rig.bus.deliveries).toBe(DEFECTS_MAX);
    expect(rig.bus.dead).toMatchObject([{ reason: 'after 5 failures: TypeError: cannot break-1' }]);
  });

  it('that meets a defect fewer times than that is handled in the end', async () => {
    const id = await rig.assign('ask-1');
    await rig.start({ performer: failing(() => new TypeError('broken'), DEFECTS_MAX - 1) });
    await settled(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('that only ever meets absent partners goes to the dead letters at the limit of deliveries', async () => {
    await rig.assign('ask-1');
    await rig.start({ performer: failing(() => new TransientError('away')) });
    await settled(rig.bus);
    expect(rig.bus.deliveries).toBe(DELIVERIES_MAX);
    expect(rig.bus.dead).toMatchObject([{ reason: 'after 100 deliveries: TransientError: away' }]);
  });

  it('is tried again after a pause with jitter', async () => {
    await rig.assign('ask-1');
    await rig.start({ performer: failing(() => new TransientError('away'), 1) });
    await quiet(rig.bus);
    const pauseMs = rig.bus.nextDeliveryAt - rig.bus.clock.now();
    expect(pauseMs).toBeGreaterThanOrEqual(50);
    expect(pauseMs).toBeLessThanOrEqual(100);
  });

  it('is kept when it cannot be buried, until it can', async () => {
    await rig.assign('break-1');
    let refusals = 2;
    const telemetry = new RecordedTelemetry();
    await rig.start({
      telemetry,
      around: (ports) => ({
        ...ports,
        deadLetters: {
          bury: (letter) =>
            refusals-- > 0 ? Promise.reject(new TransientError('full')) : ports.deadLetters.bury(letter),
        },
      }),
    });
    await settled(rig.bus);
    expect(rig.bus.dead).toHaveLength(1);
    expect(rig.bus.deliveries).toBe(DEFECTS_MAX + 2);
    expect(telemetry.events).toContain('retry: could not be buried: TransientError: full');
  });
});

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
    expect(rig.bus.deliveries).toBe(2);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);

    const plain = new Rig();
    await plain.assign('ask-3');
    await plain.start();
    await settled(plain.bus);
    expect(faulty).toEqual(withoutTime(writtenBy('tester', plain.bus.runs.entries)));
    await plain.end();
  });
});
