import type { Answer, Input, Outgoing } from '@troupe/contract';
import { given, type Step } from '@troupe/decider';
import { describe, expect, it } from 'vitest';
import { accepts, answered, asksForMore, assigned, backToItself, judge, sent } from './one-answer.fixture.ts';

/** The history in which each of these inputs was answered with the answer beside it. */
function after(...steps: [Input, Answer][]): readonly Step<Input, Outgoing>[] {
  return steps.reduce<readonly Step<Input, Outgoing>[]>((history, [input, answer]) => {
    const outputs = given(judge, history).answered(input, answer).outputs();
    const [first, ...more] = outputs;
    const model = { question: 'digest', answer };
    return [...history, { input, outputs: first === undefined ? [] : [{ ...first, model }, ...more] }];
  }, []);
}

describe('given a task', () => {
  it('when it is assigned, then one question offers nothing but the way to hand in', () => {
    const question = given(judge).when(assigned()).question();
    expect(question).toMatchObject({ system: 'You judge.', turns: [{ role: 'user', text: 'Review' }], mustCall: true });
    expect(question.tools.map(({ name }) => name)).toEqual(['submit_review']);
  });

  it('when the submission is good, then it is the task’s result, with what it cost', () => {
    expect(given(judge).answered(assigned(), accepts).outputs()).toMatchObject([
      {
        type: 'task.completed',
        to: 'supervisor',
        task: 't1',
        body: {
          artifact: { kind: 'critique', verdict: 'accept' },
          spent: { tokens: 100, costUsd: 0.01, modelCalls: 1, toolCalls: 0 },
        },
      },
    ]);
  });

  it.each([
    ['user', 'agent'],
    ['agent', 'agent'],
    ['outside', 'outside'],
  ])('when it came from %s, then its result counts as from %s', (from, as) => {
    expect(given(judge).answered(assigned({}, from), accepts).outputs()[0]?.integrity).toBe(as);
  });

  it('when the budget leaves no room for an answer, then it fails without a question', () => {
    expect(
      given(judge)
        .when(assigned({ tokens: 40 }))
        .outputs(),
    ).toMatchObject([
      { type: 'task.failed', body: { reason: 'the budget of 40 tokens is used up', spent: { modelCalls: 0 } } },
    ]);
  });

  it('when it is assigned again, or anything else arrives, then that is only noted', () => {
    const open = after([assigned(), asksForMore]);
    given(judge, open).when(assigned()).thenNothing();
    given(judge).when(backToItself(1)).thenNothing();
    given(judge, open)
      .when(sent('x', { type: 'noted', body: { what: 'x' } }))
      .thenNothing();
  });

  it('when it is done, then nothing more comes of it', () => {
    const done = after([assigned(), accepts]);
    expect(judge.isDone(given(judge, done).state)).toBe(true);
    given(judge, done).when(backToItself(1)).thenNothing();
    given(judge, done).answered(backToItself(1), accepts).thenNothing();
  });
});

describe('given an answer that cannot be used', () => {
  it.each<[string, Answer, string]>([
    ['is judged not good enough', asksForMore, 'Accept it.'],
    ['calls a tool that was not offered', answered('shell', {}), 'There is no such tool.'],
    [
      'does not fit the schema',
      answered('submit_review', { verdict: 'maybe' }),
      'submit_review are not valid: verdict',
    ],
    ['is no call', { ...accepts, toolCalls: [] }, 'Answer with a tool call.'],
    ['cannot be read', { ok: false, kind: 'malformed', message: 'cut off' }, 'could not be read: cut off'],
  ])('when it %s, then it goes back to the agent itself with the complaint', (_what, answer, complaint) => {
    expect(given(judge).answered(assigned(), answer).outputs()).toMatchObject([
      { type: 'answer.rejected', to: 'judge', body: { complaint: expect.stringContaining(complaint) } },
    ]);
  });

  it('when it is asked again, then the conversation shows the answer and the complaint, each call answered', () => {
    const { turns } = given(judge, after([assigned(), asksForMore]))
      .when(backToItself(1))
      .question();
    expect(turns.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Review'],
      ['assistant', ''],
      ['tool', 'Not accepted.'],
      ['user', 'Not like that.'],
    ]);
  });

  it('when it is sent back a third time, then the task fails with all that was spent', () => {
    const history = after([assigned(), answered('shell', {})], [backToItself(1), answered('shell', {})]);
    expect(given(judge, history).answered(backToItself(2), answered('shell', {})).outputs()).toMatchObject([
      { type: 'task.failed', body: { reason: expect.stringContaining('could not be used'), spent: { tokens: 300 } } },
    ]);
  });

  it('when it is the last one, then the agent is told so and may make the best of it', () => {
    const history = after([assigned(), asksForMore], [backToItself(1), asksForMore]);
    expect(given(judge, history).answered(backToItself(2), asksForMore).outputs()).toMatchObject([
      { type: 'task.completed', body: { shortfall: 'not accepted' } },
    ]);
  });

  it('when the tokens are used up by such answers, then the task fails instead of asking on', () => {
    const history = after([assigned({ tokens: 150 }), asksForMore]);
    expect(given(judge, history).when(backToItself(1)).outputs()).toMatchObject([{ type: 'task.failed' }]);
  });
});

describe('given a model that cannot be reached', () => {
  it.each(['timeout', 'unavailable', 'rejected'] as const)('when it is %s, then the task fails at once', (kind) => {
    expect(given(judge).answered(assigned(), { ok: false, kind, message: 'x' }).outputs()).toMatchObject([
      { type: 'task.failed', body: { reason: `the model did not answer (${kind}): x`, spent: { modelCalls: 1 } } },
    ]);
  });

  it('when its side explains itself at length, then what is written still fits its schema', () => {
    for (const kind of ['rejected', 'malformed'] as const) {
      const answer: Answer = { ok: false, kind, message: 'x'.repeat(8_000) };
      const [output] = given(judge).answered(assigned(), answer).outputs();
      expect(() => output && sent('judge', output)).not.toThrow();
    }
  });
});
