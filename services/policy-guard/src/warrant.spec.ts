import { describe, expect, it } from 'vitest';
import { ALLOW_SEARCH, ASKED_AT, asked, decided, guardWith, policyOf, verdict, warrantFor } from './guard.fixture.ts';
import { CALLS_ANSWERED_MAX, UNWARRANTED_ANSWERED_MAX } from './state.ts';

const OTHER_RUN = '01990000-0000-7000-8000-000000000002';
const search = policyOf(ALLOW_SEARCH);

describe('given a request outside of a task that the supervisor signed', () => {
  /** The rule by which it is denied. */
  const refused = (input: Parameters<typeof asked>[0]): string => {
    const output = verdict(search, asked(input));
    return output.type === 'tool.denied' ? output.body.rule : output.type;
  };

  it('when it has no warrant, then it is denied and told so', () => {
    expect(refused({ warrant: null })).toBe('no-warrant');
  });

  it('when the warrant is for another task, role or run, or was signed by nobody, then it is denied', () => {
    expect(refused({ task: 't2', warrant: warrantFor('researcher', 't1') })).toBe('bad-warrant');
    expect(refused({ warrant: warrantFor('writer', 't1') })).toBe('bad-warrant');
    expect(refused({ warrant: warrantFor('researcher', 't1', {}, OTHER_RUN) })).toBe('bad-warrant');
    expect(refused({ warrant: { ...warrantFor('researcher', 't1'), signature: 'A'.repeat(43) } })).toBe('bad-warrant');
  });

  it('when the warrant was widened, then it is denied', () => {
    const warrant = warrantFor('researcher', 't1', { toolCalls: 1, tools: ['calculate'] });
    expect(refused({ warrant: { ...warrant, toolCalls: 200 } })).toBe('bad-warrant');
    expect(refused({ warrant: { ...warrant, tools: ['search_documents'] } })).toBe('bad-warrant');
    expect(refused({ warrant: { ...warrant, deadlineAt: 7_258_118_400_000 } })).toBe('bad-warrant');
  });

  it('when the deadline of the task is over by the broker’s clock, then it is denied, whatever the requester’s says', () => {
    const warrant = warrantFor('researcher', 't1', { deadlineAt: ASKED_AT + 1_000 });
    expect(verdict(search, asked({ warrant, storedAt: ASKED_AT + 999 })).type).toBe('tool.granted');
    expect(refused({ warrant, storedAt: ASKED_AT + 1_000 })).toBe('warrant-expired');
  });

  it('when the task may use other tools alone, then it is denied', () => {
    expect(refused({ warrant: warrantFor('researcher', 't1', { tools: ['calculate'] }) })).toBe('not-in-task');
  });

  it('when the task may call none, then none is granted', () => {
    expect(refused({ warrant: warrantFor('researcher', 't1', { toolCalls: 0 }) })).toBe('task-budget');
  });

  it('when the task has made its calls, then no further one is granted, and other tasks keep theirs', () => {
    const two = (task: string) => warrantFor('researcher', task, { toolCalls: 2 });
    const calls = ['c1', 'c2', 'c3'].map((call) => asked({ call, warrant: two('t1') }));
    const outputs = decided(search, ...calls, asked({ task: 't2', warrant: two('t2') }));
    expect(outputs.map(([output]) => output?.type)).toEqual([
      'tool.granted',
      'tool.granted',
      'tool.denied',
      'tool.granted',
    ]);
    expect(outputs[2]?.[0]).toMatchObject({
      body: { rule: 'task-budget', reason: 'The task may make 2 tool calls, and has made them.' },
    });
  });
});

describe('given a clock that the requester chose', () => {
  it('when it is in 2199, then the grant ends by the broker’s clock', () => {
    const request = { ...asked(), at: Date.parse('2199-01-01T00:00:00Z') };
    expect(verdict(search, request)).toMatchObject({ body: { grant: { expiresAt: ASKED_AT + 60_000 } } });
  });
});

describe('given a flood of requests', () => {
  /** How often each kind of output was given, and the state after all of it. */
  function flood(requests: number, request: (index: number) => ReturnType<typeof asked>) {
    const guard = guardWith(search);
    const counts: Record<string, number> = {};
    let state = guard.initial;
    for (let index = 0; index < requests; index += 1) {
      const decision = guard.decide(state, request(index));
      const outputs = decision.kind === 'send' ? decision.outputs : [];
      for (const { type } of outputs) counts[type] = (counts[type] ?? 0) + 1;
      state = outputs.reduce((before, output) => guard.evolve(before, { kind: 'output', output }), state);
    }
    return { counts, stateChars: JSON.stringify(state).length };
  }
  const REQUESTS = 5_000;

  it('when none has a warrant, then some are told why, the rest is noted, and the guard remembers one number', () => {
    const { counts, stateChars } = flood(REQUESTS, (index) =>
      asked({ call: `c${index}`, task: `x${index}`, warrant: null, ordinal: index }),
    );
    expect(counts).toEqual({ 'tool.denied': UNWARRANTED_ANSWERED_MAX });
    expect(stateChars).toBeLessThan(200);
  });

  it('when all are for one task, then no more is granted than it may, and no more is remembered than the bound', () => {
    const warrant = warrantFor('researcher', 't1', { toolCalls: 24 });
    const { counts, stateChars } = flood(REQUESTS, (index) => asked({ call: `c${index}`, warrant, ordinal: index }));
    expect(counts).toEqual({ 'tool.granted': 24, 'tool.denied': CALLS_ANSWERED_MAX - 24 });
    expect(stateChars).toBeLessThan(CALLS_ANSWERED_MAX * 32);
  });

  it('when it is over, then an honest task is granted its calls', () => {
    const guard = guardWith(search);
    const flooded = Array.from({ length: 300 }, (_, index) => asked({ call: `c${index}`, warrant: null }));
    const outputs = decided(search, ...flooded, asked({ task: 't2' }));
    expect(guard.initial).toEqual({ tasks: {}, granted: {}, unwarranted: {} });
    expect(outputs.at(-1)?.[0]?.type).toBe('tool.granted');
  });
});
