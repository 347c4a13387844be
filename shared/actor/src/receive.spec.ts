import { encode, encodeJson, MalformedError, SCHEMA_VERSION, subjects } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Delivery, NewerError } from './ports.ts';
import { receive } from './receive.ts';
import { declareRole, WORKERS } from './role.ts';
import { RUN } from './rig.fixture.ts';
import { tester } from './tester.fixture.ts';

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
const address = { run: RUN, task: 't1', from: 'supervisor', to: 'tester', ordinal: 0 };
const SUBJECT = subjects.message(address);

function deliveryOf(source: Delivery['source'], subject: string, bytes: Uint8Array): Delivery {
  const nothing = () => undefined;
  const acts = { ack: nothing, retry: nothing, reject: nothing, working: nothing };
  return { source, subject, bytes, seq: 7, deliveries: 1, at: 1_000, isFresh: true, ...acts };
}
const take = (bytes: Uint8Array, subject = SUBJECT, role: Parameters<typeof receive>[0] = tester) =>
  receive(role, deliveryOf('runs', subject, bytes));

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
  ])('is malformed when its %s is not the one of its subject', (_name, change) => {
    expect(() => take(encode({ ...message, ...change }))).toThrow(/its subject says/);
  });

  it('is malformed when another role may not send it', () => {
    const subject = subjects.message({ ...address, from: 'writer' });
    expect(() => take(encode({ ...message, id: 'writer.t1.0' }), subject)).toThrow('tester takes nothing from writer');
    const role = declareRole({ ...tester, consumes: { ...tester.consumes, noted: ['writer'] } });
    expect(() => take(encode({ ...message, id: 'writer.t1.0' }), subject, role)).toThrow(
      'tester does not take task.assigned from writer',
    );
  });

  it('is refused by its sender alone, whatever its bytes say', () => {
    const subject = subjects.message({ ...address, from: 'writer' });
    expect(() => take(encode({ v: SCHEMA_VERSION + 1 }), subject)).toThrow('tester takes nothing from writer');
  });

  it('may come from any role where workers are meant', () => {
    const open = declareRole({ ...tester, consumes: { 'task.assigned': [WORKERS] } });
    const subject = subjects.message({ ...address, from: 'juggler' });
    expect(take(encode({ ...message, id: 'juggler.t1.0' }), subject, open)).toHaveLength(1);
  });

  it('is malformed when the role does not consume its type', () => {
    const noted = { ...message, type: 'noted', body: { what: 'x' } };
    expect(() => take(encode(noted))).toThrow('tester does not consume noted');
  });

  it('is malformed when nobody knows its type', () => {
    expect(() => take(encode({ ...message, type: 'task.juggled' }))).toThrow(MalformedError);
  });

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
  const goal = (bytes: Uint8Array, subject = 'troupe.goals.acme') =>
    receive(tester, deliveryOf('goals', subject, bytes));
  const text = (value: string) => new TextEncoder().encode(value);

  it('is an accepted goal with a run of its own', () => {
    expect(goal(text('Explain ferries.'))).toMatchObject([
      { type: 'goal.accepted', id: 'goal.7', tenant: 'acme', at: 1_000, goal: { goal: 'Explain ferries.' } },
    ]);
  });

  it('is a rejected goal with a reason and the beginning of what was sent', () => {
    const [rejected] = goal(text(`{"goal":"${'x'.repeat(500)}`));
    expect(rejected).toMatchObject({
      type: 'goal.rejected',
      id: 'goal.7',
      reason: expect.stringContaining('broken JSON'),
    });
    expect(rejected?.type === 'goal.rejected' && rejected.excerpt).toHaveLength(200);
  });

  it('has the same run when it is delivered again, and another when its bytes come again as a new message', () => {
    const bytes = text('Explain ferries.');
    const again = receive(tester, { ...deliveryOf('goals', 'troupe.goals.acme', bytes), deliveries: 2 });
    const other = receive(tester, { ...deliveryOf('goals', 'troupe.goals.acme', bytes), seq: 8 });
    expect(again[0]?.run).toBe(goal(bytes)[0]?.run);
    expect(other[0]?.run).not.toBe(goal(bytes)[0]?.run);
  });

  it('is a request to end a run', () => {
    expect(goal(text('{}'), `troupe.cancel.acme.${RUN}`)).toEqual([
      { type: 'run.cancel', id: 'cancel.7', run: RUN, tenant: 'acme', at: 1_000 },
    ]);
  });

  it.each(['troupe.cancel.acme.not-a-run', `troupe.cancel.Not-A-Tenant.${RUN}`, 'troupe.goals.Not-A-Tenant'])(
    'is malformed on %s',
    (subject) => {
      expect(() => goal(text('x'), subject)).toThrow(MalformedError);
    },
  );
});

describe('a due timer', () => {
  it('is one input per timer that it holds', () => {
    const timers = [
      { run: RUN, tenant: 'acme', at: 10 },
      { run: '01990000-0000-7000-8000-000000000002', tenant: 'other', at: 20 },
    ];
    const inputs = receive(tester, deliveryOf('due', 'troupe.due.tester', encode({ timers })));
    expect(inputs).toEqual(timers.map((timer) => ({ type: 'deadline', id: `due.7.${timer.at}`, ...timer })));
  });

  it.each([{}, { timers: [{ run: 'x', tenant: 'acme', at: 1 }] }, { timers: 'x' }])('is malformed as %o', (value) => {
    expect(() => receive(tester, deliveryOf('due', 'troupe.due.tester', encode(value)))).toThrow(MalformedError);
  });
});
