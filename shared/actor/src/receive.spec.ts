import { encode, encodeJson, LogLayout, MalformedError, SCHEMA_VERSION, subjects } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Delivery, NewerError } from './ports.ts';
import { receive } from './receive.ts';
import { declareRole, WORKERS } from './role.ts';
import { RUN } from './rig.fixture.ts';
import { tester } from './tester.fixture.ts';

const layout = new LogLayout(4);
const SHARD = layout.shardOf(RUN);

const message = {
  type: 'task.assigned',
  body: { goal: 'g', title: 't', instructions: '', tools: [], inputs: [], round: 1 },
  id: 'supervisor.t1.0',
  run: RUN,
  task: 't1',
  v: SCHEMA_VERSION,
  decider: 'v1',
  at: 5,
  cause: 'goal.1',
  tenant: 'acme',
  budget: { tokens: 1, toolCalls: 2, steps: 3, deadlineAt: 4 },
  integrity: 'user',
};
const address = { tenant: 'acme', run: RUN, task: 't1', from: 'supervisor', to: 'tester', ordinal: 0 };
const SUBJECT = layout.message(address);

function deliveryOf(source: Delivery['source'], subject: string, bytes: Uint8Array): Delivery {
  const nothing = () => undefined;
  const acts = { ack: nothing, retry: nothing, reject: nothing, working: nothing };
  return { source, stream: source, subject, bytes, seq: 7, deliveries: 1, at: 1_000, isFresh: true, ...acts };
}
const take = (bytes: Uint8Array, subject = SUBJECT, role: Parameters<typeof receive>[0] = tester) =>
  receive(role, layout, deliveryOf('runs', subject, bytes));

describe('a message of a run', () => {
  it('is taken as msgpack and as JSON', () => {
    expect(take(encode(message))).toMatchObject([message]);
    expect(take(encodeJson(message))).toMatchObject([message]);
  });

  it('carries the time at which the broker stored it, and no other that its writer may claim', () => {
    expect(take(encode({ ...message, at: 9_999, storedAt: 9_999 }))).toMatchObject([{ at: 9_999, storedAt: 1_000 }]);
  });

  it.each([
    ['id', { id: 'supervisor.t1.1' }],
    ['writer in the id', { id: 'writer.t1.0' }],
    ['task', { task: 't2' }],
    ['run', { run: '01990000-0000-7000-8000-000000000002' }],
    ['tenant', { tenant: 'other' }],
  ])('is malformed when its %s is not the one of its subject', (_name, change) => {
    expect(() => take(encode({ ...message, ...change }))).toThrow(/its subject says/);
  });

  it('is malformed in a shard that is not the one of its run: nobody would find it there', () => {
    const elsewhere = SUBJECT.replace(`runs.${SHARD}.`, `runs.${(SHARD + 1) % layout.shards}.`);
    expect(() => take(encode(message), elsewhere)).toThrow(/is not of shard/);
    // Of a shard that there is not, as well.
    expect(() => take(encode(message), SUBJECT.replace(`runs.${SHARD}.`, 'runs.9.'))).toThrow(/is not of shard 9$/);
  });

  it('is malformed when another role may not send it', () => {
    const subject = layout.message({ ...address, from: 'writer' });
    expect(() => take(encode({ ...message, id: 'writer.t1.0' }), subject)).toThrow('tester takes nothing from writer');
    const role = declareRole({ ...tester, consumes: { ...tester.consumes, noted: ['writer'] } });
    expect(() => take(encode({ ...message, id: 'writer.t1.0' }), subject, role)).toThrow(
      'tester does not take task.assigned from writer',
    );
  });

  it('is refused by its sender alone, whatever its bytes say', () => {
    const subject = layout.message({ ...address, from: 'writer' });
    expect(() => take(encode({ v: SCHEMA_VERSION + 1 }), subject)).toThrow('tester takes nothing from writer');
  });

  it('may come from any role where workers are meant', () => {
    const open = declareRole({ ...tester, consumes: { 'task.assigned': [WORKERS] } });
    const subject = layout.message({ ...address, from: 'juggler' });
    expect(take(encode({ ...message, id: 'juggler.t1.0' }), subject, open)).toHaveLength(1);
  });

  it('is malformed when the role does not consume its type', () => {
    const noted = { ...message, type: 'noted', body: { what: 'x' } };
    expect(() => take(encode(noted))).toThrow('tester does not consume noted');
  });

  it('of a type that is not known here waits for a process that knows it', () => {
    expect(() => take(encode({ ...message, type: 'task.juggled' }))).toThrow(NewerError);
  });

  it.each([['juggle'], ['task.assigned.twice'], ['TASK.X'], [''], [7], ['x'.repeat(100)]])(
    'of the type %j is malformed: nobody will ever know that',
    (type) => {
      expect(() => take(encode({ ...message, type }))).toThrow(MalformedError);
    },
  );

  it.each<[unknown]>([['2'], ['x'], [[2]], [2.5], [2 ** 53], [true], [null], [{}]])(
    'whose version is %j is malformed: nobody will ever know that version, so it does not wait',
    (v) => {
      expect(() => take(encodeJson({ ...message, v }))).toThrow(MalformedError);
    },
  );

  it('that a newer version wrote is not malformed: it waits for a process that knows that version', () => {
    expect(() => take(encode({ ...message, v: SCHEMA_VERSION + 1 }))).toThrow(NewerError);
  });

  it.each(Object.keys(message))('is malformed without its %s', (field) => {
    const { [field as keyof typeof message]: _left, ...rest } = message;
    expect(() => take(encode(rest))).toThrow(MalformedError);
  });

  it('is malformed on a subject of something else', () => {
    expect(() => take(encode(message), 'troupe.goals.acme')).toThrow('is not of a run message');
  });

  it('that is garbage throws MalformedError and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => take(bytes)).toThrow(MalformedError);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('a message of the goals', () => {
  it('is no input of an actor: the intake reads it', () => {
    const goal = deliveryOf('goals', 'troupe.goals.acme', new TextEncoder().encode('Explain ferries.'));
    expect(() => receive(tester, layout, goal)).toThrow(MalformedError);
  });
});

describe('a due timer', () => {
  const SUBJECT_DUE = subjects.due(SHARD, 'acme', 'tester');
  const due = (value: unknown, subject = SUBJECT_DUE) =>
    receive(tester, layout, deliveryOf('due', subject, encode(value)));

  it('is one input per timer that it holds, each of the tenant of its subject', () => {
    const timers = [
      { run: RUN, at: 10 },
      { run: '01990000-0000-7000-8000-000000000005', at: 20 },
    ];
    expect(due({ timers })).toEqual(
      timers.map((timer) => ({ type: 'deadline', id: `due.7.${timer.at}`, tenant: 'acme', ...timer })),
    );
  });

  it('has no other tenant than the one of its subject, whatever an entry says', () => {
    expect(due({ timers: [{ run: RUN, at: 10, tenant: 'other' }] })).toMatchObject([{ tenant: 'acme' }]);
  });

  it.each([{}, { timers: [{ run: 'x', at: 1 }] }, { timers: 'x' }])('is malformed as %o', (value) => {
    expect(() => due(value)).toThrow(MalformedError);
  });

  it('is malformed as a whole when one of its runs is of another shard', () => {
    const stray = '01990000-0000-7000-8000-000000000002';
    expect(layout.shardOf(stray)).not.toBe(SHARD);
    const timers = [RUN, stray].map((run) => ({ run, at: 10 }));
    expect(() => due({ timers })).toThrow(`not all of its runs are of shard ${SHARD}`);
  });

  it.each(['troupe.due.acme.tester', 'troupe.due.x.acme.tester', `${SUBJECT_DUE}.more`])(
    'is malformed on %s',
    (subject) => {
      expect(() => due({ timers: [] }, subject)).toThrow('is not of a timer');
    },
  );
});
