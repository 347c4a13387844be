import type { Answer } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { faultOf } from './plan.ts';
import { backToItself, called, ended, goal, only, Play, planAnswer, planned, TWO_AND_ONE } from './play.fixture.ts';

const ROLES = ['researcher', 'writer'];
const fault = (...tasks: ReturnType<typeof planned>[]) => faultOf({ tasks }, ROLES, 4);

describe('a plan', () => {
  it('is fine as a chain, as a fan and as a diamond', () => {
    expect(fault(planned('a', 'researcher'))).toBeUndefined();
    expect(faultOf({ tasks: TWO_AND_ONE }, ROLES, 4)).toBeUndefined();
    expect(
      fault(
        planned('a', 'researcher'),
        planned('b', 'researcher', 'a'),
        planned('c', 'researcher', 'a'),
        planned('d', 'writer', 'b', 'c'),
      ),
    ).toBeUndefined();
  });

  it('is refused with more tasks than the goal allows', () => {
    const tasks = ['a', 'b', 'c', 'd', 'e'].map((id) => planned(id, 'researcher'));
    expect(fault(...tasks)).toBe('The plan has 5 tasks; at most 4 are allowed.');
  });

  it('is refused when two tasks have one id', () => {
    expect(fault(planned('a', 'researcher'), planned('a', 'writer'))).toBe('Two tasks have the same id.');
  });

  it('is refused for a role that plans may not use, and says which there are', () => {
    expect(fault(planned('a', 'policy-guard'))).toBe('Task a is for "policy-guard"; the roles are researcher, writer.');
  });

  it('is refused when a task depends on one that is not there', () => {
    expect(fault(planned('a', 'writer', 'ghost'))).toBe('Task a depends on "ghost", which is not in the plan.');
  });

  it('is refused for a circle, and shows it', () => {
    expect(fault(planned('a', 'researcher', 'b'), planned('b', 'researcher', 'a'), planned('w', 'writer', 'a'))).toBe(
      'The tasks depend on each other in a circle: a → b → a.',
    );
    expect(fault(planned('a', 'researcher', 'a'))).toBe('The tasks depend on each other in a circle: a → a.');
  });

  it('is refused with two last tasks', () => {
    expect(fault(planned('a', 'researcher'), planned('w', 'writer'))).toBe(
      'Exactly one task must be last; these are: a, w.',
    );
  });
});

describe('given a goal whose plan cannot be run', () => {
  const broken = planAnswer([planned('a', 'ghost')]);
  const complaint = 'Task a is for "ghost"; the roles are researcher, writer.';

  it('when the plan is handed in, then it goes back to the supervisor itself with what is wrong', () => {
    const outputs = new Play().answer(goal(), broken);
    expect(only(outputs, 'answer.rejected')[0]).toMatchObject({ to: 'supervisor', body: { complaint } });
  });

  it('when it is asked again, then the model sees its plan, that it was not accepted, and why', () => {
    const play = new Play();
    play.answer(goal(), broken);
    const { turns } = play.question(backToItself(complaint, 0));
    expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(turns.at(-1)?.text).toBe(complaint);
  });

  it('when the third plan is no better, then the run fails with the complaint and what was spent', () => {
    const play = new Play();
    play.answer(goal(), broken);
    play.answer(backToItself(complaint, 0), broken);
    play.answer(backToItself(complaint, 1), broken);
    const result = ended(play.letOut());
    expect(result).toMatchObject({ status: 'failed', markdown: '', reason: `no usable plan: ${complaint}` });
    expect(result.spent).toMatchObject({ tokens: 300, modelCalls: 3 });
  });

  it('when the third plan can be run, then its tasks are handed out', () => {
    const play = new Play();
    play.answer(goal(), broken);
    play.answer(backToItself(complaint, 0), broken);
    const outputs = play.answer(backToItself(complaint, 1), planAnswer(TWO_AND_ONE));
    expect(only(outputs, 'task.assigned').map(({ task }) => task)).toEqual(['t1', 't2']);
  });

  it.each<[string, Answer, string]>([
    ['calls another tool', called('search_documents', {}), 'Use submit_plan.'],
    ['hands in no tasks', called('submit_plan', { tasks: [] }), 'The arguments of submit_plan are not valid'],
    ['hands in text', { ...planAnswer([]), toolCalls: [], text: 'A plan!' }, 'Answer with a tool call.'],
    [
      'cannot be read',
      { ok: false, kind: 'malformed', message: 'broken JSON' },
      'Your answer could not be read: broken JSON',
    ],
  ])('when the model %s, then it is told so', (_what, answer, told) => {
    expect(only(new Play().answer(goal(), answer), 'answer.rejected')[0]?.body.complaint).toContain(told);
  });

  it('when the model cannot be reached, then the run fails at once and says so, in words that the guard let out', () => {
    const play = new Play();
    play.answer(goal(), { ok: false, kind: 'unavailable', message: 'connection refused' });
    expect(ended(play.letOut())).toMatchObject({
      status: 'failed',
      reason: 'the model did not answer (unavailable): connection refused',
    });
  });

  it('when the preset is used up by plans that were sent back, then the run fails instead of asking on', () => {
    const play = new Play();
    play.answer(goal({ preset: 'small' }), planAnswer([planned('a', 'ghost')], 4_900));
    expect(ended(play.take(backToItself(complaint, 0)))).toMatchObject({ status: 'failed' });
  });

  it('when the longest explanation comes from the model’s side, then what is written still fits its schema', () => {
    const message = 'x'.repeat(8_000);
    const play = new Play();
    play.answer(goal(), { ok: false, kind: 'rejected', message });
    expect(ended(play.letOut()).status).toBe('failed');
    expect(only(new Play().answer(goal(), { ok: false, kind: 'malformed', message }), 'answer.rejected')).toHaveLength(
      1,
    );
  });
});
