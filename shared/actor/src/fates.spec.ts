import { encode, SCHEMA_VERSION } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import { TransientError } from './ports.ts';
import { Rig, RUN, TENANT } from './rig.fixture.ts';
import type { ActorPorts } from './options.ts';
import { DEFECTS_MAX, DELIVERIES_MAX, UNREAD_DELIVERIES_MAX, WAIT_DAYS_MAX } from './settle.ts';
import { SUSPECT_DELIVERIES } from './suspects.ts';
import { RecordedTelemetry } from './telemetry.fixture.ts';
import { testerDecider, TesterPerformer } from './tester.fixture.ts';
import { WAITING_MAX } from './waiting.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const failing = (error: () => Error, times = Infinity) => {
  const performer = new TesterPerformer();
  let failures = 0;
  performer.gate = () => (failures++ < times ? Promise.reject(error()) : Promise.resolve());
  return performer;
};

/** Says of each delivery that it is at least the n-th. */
const delivering =
  (deliveries: number) =>
  (ports: ActorPorts): ActorPorts => ({
    ...ports,
    mailbox: {
      ...ports.mailbox,
      open: (handler) =>
        ports.mailbox.open((delivery) =>
          handler({ ...delivery, deliveries: Math.max(deliveries, delivery.deliveries) }),
        ),
    },
  });

/** A process for which each message is `bytes`. */
const reading =
  (bytes: Uint8Array) =>
  (ports: ActorPorts): ActorPorts => ({
    ...ports,
    mailbox: { ...ports.mailbox, open: (handler) => ports.mailbox.open((delivery) => handler({ ...delivery, bytes })) },
  });

const taskAt = (ordinal: number): string =>
  rig.bus.layout.message({ tenant: TENANT, run: RUN, task: 't1', from: 'supervisor', to: 'tester', ordinal });

/** A task as a newer version wrote it, and as this version would have. */
function newer(ordinal = 0) {
  const known = {
    type: 'task.assigned',
    body: { goal: 'g', title: 'say-1', instructions: '', tools: [], inputs: [], round: 1 },
    id: `supervisor.t1.${ordinal}`,
    run: RUN,
    task: 't1',
    v: SCHEMA_VERSION,
    decider: 'v1',
    at: 0,
    cause: 'goal.1',
    tenant: TENANT,
    budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
    integrity: 'user',
  };
  const message = { subject: taskAt(ordinal), bytes: encode({ ...known, v: SCHEMA_VERSION + 1 }) };
  return { known: encode(known), message };
}

describe('a delivery', () => {
  it('that is malformed goes to the dead letters with its bytes and the reason, at once', async () => {
    const bytes = new TextEncoder().encode('{"type":"task.assigned"');
    const subject = taskAt(0);
    rig.bus.runs.store(subject, bytes);
    await rig.start();
    await quiet(rig.bus);
    expect(rig.bus.unsettled).toBe(0);
    expect(rig.bus.dead).toEqual([
      { role: 'tester', subject, seq: 1, bytes, reason: expect.stringMatching(/^malformed: it is broken JSON/) },
    ]);
  });

  it('that meets a defect is tried five times and then goes to the dead letters', async () => {
    await rig.assign('break-1');
    const telemetry = new RecordedTelemetry();
    await rig.start({ telemetry });
    await settled(rig.bus);
    expect(telemetry.events).toHaveLength(DEFECTS_MAX);
    expect(rig.bus.dead).toMatchObject([{ reason: 'after 5 failures: TypeError: cannot break-1' }]);
  });

  it('that meets a defect fewer times than that is handled in the end', async () => {
    const id = await rig.assign('ask-1');
    await rig.start({ performer: failing(() => new TypeError('broken'), DEFECTS_MAX - 1) });
    await settled(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('that met absent partners before a defect has all of its tries left: absences are no defects', async () => {
    const id = await rig.assign('ask-1');
    const errors = [...Array.from({ length: DEFECTS_MAX }, () => new TransientError('away')), new TypeError('broken')];
    const performer = new TesterPerformer();
    performer.gate = () => {
      const error = errors.shift();
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    };
    await rig.start({ performer });
    await settled(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('that would write what its own schema refuses writes nothing and goes to the dead letters', async () => {
    await rig.assign('ask-1');
    await rig.start({ performer: new TesterPerformer(() => 'x'.repeat(5_000)) });
    await settled(rig.bus);
    expect(rig.bus.runs.entries).toHaveLength(1);
    expect(rig.bus.dead).toMatchObject([{ reason: expect.stringContaining('would not fit its schema: body.what') }]);
  });

  it('that only ever meets absent partners stays in hand for a while, is given back, and is handled in the end', async () => {
    const id = await rig.assign('ask-1');
    const absences = 40;
    await rig.start({ performer: failing(() => new TransientError('away'), absences) });
    await settled(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(rig.bus.deliveries).toBeLessThan(absences);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('is tried again after a pause with jitter, without being delivered again', async () => {
    await rig.assign('ask-1');
    await rig.start({ performer: failing(() => new TransientError('away'), 1) });
    await quiet(rig.bus);
    const pauseMs = rig.bus.clock.nextWaitAt - rig.bus.clock.now();
    expect(pauseMs).toBeGreaterThanOrEqual(50);
    expect(pauseMs).toBeLessThanOrEqual(100);
    await settled(rig.bus);
    expect(rig.bus.deliveries).toBe(1);
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
    expect(telemetry.events).toContain('retry: could not be buried: TransientError: full');
  });
});

describe('poison', () => {
  it('that ended a process a hundred times is buried before anything of it is handled', async () => {
    await rig.assign('say-1');
    const performer = new TesterPerformer();
    await rig.start({ performer, around: delivering(DELIVERIES_MAX + 1) });
    await settled(rig.bus);
    expect(rig.bus.runs.entries).toHaveLength(1);
    expect(rig.bus.dead).toMatchObject([{ reason: expect.stringMatching(/^delivered 101 times/) }]);
  });

  it('that may not even be parsed is buried unread', async () => {
    const { message } = newer();
    rig.bus.runs.store(message.subject, message.bytes);
    await rig.start({ around: delivering(UNREAD_DELIVERIES_MAX + 1) });
    await settled(rig.bus);
    expect(rig.bus.dead).toMatchObject([{ reason: expect.stringMatching(/^delivered 1001 times/) }]);
  });

  it('does not take the innocent with it that were in hand with it each time', async () => {
    const innocent: string[] = [];
    // It is the first to be delivered each time: whatever begins together with it is lost with its process.
    const poison = await rig.assign('kill-1', 'poison');
    for (let index = 0; index < 20; index += 1) innocent.push(await rig.assign('say-1', `t${index}`));
    for (let crashes = 0; crashes < 80 && (crashes === 0 || rig.bus.unsettled > 1); crashes += 1) {
      const replica = await rig.start({
        decider: {
          ...testerDecider,
          decide: (state, input) => {
            if (input.id !== poison) return testerDecider.decide(state, input);
            replica.process.crash();
            return testerDecider.decide(state, { ...input });
          },
        },
        around: delivering(SUSPECT_DELIVERIES + crashes),
      });
      for (let turn = 0; turn < 6; turn += 1) {
        await quiet(rig.bus);
        rig.bus.clock.advance(20);
      }
      rig.bus.clock.advance(5_000);
    }
    expect(faultsIn('tester', innocent, rig.bus.runs.entries)).toEqual([]);
    expect(rig.bus.dead).toEqual([]);
  });
});

describe('a message of a newer version', () => {
  it('waits for days, longer each time, and is handled when a process knows it', async () => {
    const { message, known } = newer();
    rig.bus.runs.store(message.subject, message.bytes);
    await rig.start();
    for (let hour = 0; hour < 48; hour += 1) {
      rig.bus.clock.advance(3_600_000);
      await quiet(rig.bus);
    }
    expect(rig.bus.dead).toEqual([]);
    expect(rig.bus.unsettled).toBe(1);
    await rig.end();
    await rig.start({ around: reading(known) });
    await settled(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(rig.bus.runs.entries).toHaveLength(2);
  });

  it('is buried before the stream forgets it', async () => {
    const { message } = newer();
    rig.bus.runs.store(message.subject, message.bytes);
    await rig.start();
    for (let day = 0; day <= WAIT_DAYS_MAX; day += 1) {
      rig.bus.clock.advance(86_400_001);
      await quiet(rig.bus);
    }
    expect(rig.bus.dead).toMatchObject([{ reason: expect.stringMatching(/^after 6 days: NewerError/) }]);
  });

  it('does not hold more places than it may: what exceeds them is buried with the reason', async () => {
    for (let index = 0; index <= WAITING_MAX; index += 1) {
      const { message } = newer(index);
      rig.bus.runs.store(message.subject, message.bytes);
    }
    await rig.start();
    await quiet(rig.bus);
    expect(rig.bus.dead).toMatchObject([{ reason: expect.stringMatching(/^10000 messages are waiting already/) }]);
    expect(rig.bus.unsettled).toBe(WAITING_MAX);
  });

  it('leaves its place to others when it is handled, and when it is buried', async () => {
    const { known } = newer();
    const store = (count: number, first: number) => {
      for (let index = first; index < first + count; index += 1) {
        const { message } = newer(index);
        rig.bus.runs.store(message.subject, message.bytes);
      }
    };
    const readAs = new Map<number, Uint8Array>();
    store(WAITING_MAX, 0);
    await rig.start({
      around: (ports) => ({
        ...ports,
        mailbox: {
          ...ports.mailbox,
          open: (handler) =>
            ports.mailbox.open((delivery) =>
              handler({ ...delivery, bytes: readAs.get(delivery.seq) ?? delivery.bytes }),
            ),
        },
      }),
    });
    await quiet(rig.bus);
    const [first, second] = rig.bus.runs.entries;
    readAs.set(first?.seq ?? 0, known).set(second?.seq ?? 0, new TextEncoder().encode('garbage'));
    rig.bus.clock.advance(700);
    await quiet(rig.bus);
    store(2, WAITING_MAX);
    await quiet(rig.bus);
    expect(rig.bus.dead).toMatchObject([{ reason: expect.stringMatching(/^malformed/) }]);
    expect(rig.bus.unsettled).toBe(WAITING_MAX);
  });
});

describe('a history that cannot be read', () => {
  it('does not bury the delivery at hand: it waits for a person', async () => {
    const own = { tenant: TENANT, run: RUN, task: 't1', from: 'tester', to: 'log', ordinal: 0 };
    rig.bus.runs.store(rig.bus.layout.message(own), new TextEncoder().encode('garbage'));
    await rig.assign('say-1');
    const telemetry = new RecordedTelemetry();
    await rig.start({ telemetry });
    // More often than a defect is tried.
    for (let hour = 0; hour <= DEFECTS_MAX; hour += 1) {
      await quiet(rig.bus);
      rig.bus.clock.advance(3_600_000);
    }
    await quiet(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(rig.bus.unsettled).toBe(1);
    expect(telemetry.events.at(-1)).toMatch(/^retry: HistoryError: the history of tester.t1 .* at ordinal 0/);
  });
});
