import { describe, expect, it } from 'vitest';
import { deadlinesOf } from './deadline.ts';
import { initial } from './state.ts';
import {
  approved,
  begun,
  cancel,
  completed,
  COMPANY,
  critique,
  draft,
  ended,
  evidence,
  failed,
  findings,
  goal,
  only,
  Play,
  planAnswer,
  planned,
  rejected,
  reviewing,
  sent,
  STARTED_AT,
  TWO_AND_ONE,
} from './play.fixture.ts';

describe('given a goal', () => {
  it('when it is accepted, then one question asks for a plan, within the preset, and offers no tool but the plan', () => {
    const question = new Play().question(goal({ preset: 'small' }));
    expect(question.tools.map(({ name }) => name)).toEqual(['submit_plan']);
    expect(question.outputTokensMax).toBeLessThan(5_000);
    expect(question.deadlineAt).toBe(STARTED_AT + 600_000);
    expect(question.turns[0]?.text).toContain('How do ferries fare in storms?');
    expect(question.turns[0]?.text).toContain('- researcher: Finds evidence.');
  });

  it('when it is accepted, then its deadline is armed; no other input arms one', () => {
    expect(deadlinesOf(initial, goal({ deadline_ms: 5_000 }))).toEqual([STARTED_AT + 4_500, STARTED_AT + 5_000]);
    // A tenth of the time, at most ten seconds, is kept for handing in what there is.
    expect(deadlinesOf(initial, goal({ deadline_ms: 600_000 }))).toEqual([STARTED_AT + 590_000, STARTED_AT + 600_000]);
    expect(deadlinesOf(initial, completed('researcher', 't1', findings('a.md')))).toEqual([]);
  });

  it('when it was rejected at the intake, then the run ends as rejected and says why', () => {
    const outputs = new Play().take(rejected('The goal is broken JSON.', '{"goal":'));
    expect(ended(outputs)).toMatchObject({
      status: 'rejected',
      reason: 'The goal is broken JSON.',
      goal: '{"goal":',
      startedAt: STARTED_AT,
    });
    expect(outputs[0]?.to).toBe('user');
  });

  it('when it is delivered again after a crash, then its timers are armed again, at the same times', () => {
    // They may not be durable yet.
    expect(deadlinesOf(begun().state, goal())).toEqual(deadlinesOf(initial, goal()));
    const play = begun();
    play.take(cancel);
    expect(deadlinesOf(play.state, goal())).toEqual([]);
  });

  it('when it is delivered again during the run, then nothing is asked or handed out a second time', () => {
    const play = begun();
    const before = play.state;
    expect(play.take(goal())).toEqual([]);
    expect(play.state).toEqual(before);
  });

  it('when a second question for the same goal is answered after the first, then its plan is not used', () => {
    const play = begun();
    expect(play.conclude(goal(), planAnswer(TWO_AND_ONE))).toEqual([]);
  });
});

describe('given an accepted plan', () => {
  it('when it is concluded, then all tasks that depend on nothing are handed out at once', () => {
    const tasks = only(new Play().answer(goal(), planAnswer(TWO_AND_ONE)), 'task.assigned');
    expect(tasks.map(({ to, task, body }) => [to, task, body.title, body.inputs])).toEqual([
      ['researcher', 't1', 'Title a', []],
      ['researcher', 't2', 'Title b', []],
    ]);
    expect(tasks.map(({ integrity }) => integrity)).toEqual(['user', 'user']);
  });

  it('when one of two findings is back, then it is noted and the writer waits', () => {
    expect(begun().take(completed('researcher', 't1', findings('a.md')))).toEqual([]);
  });

  it('when the last finding is back, then the writer gets all of them, marked as from outside', () => {
    const play = begun();
    play.take(completed('researcher', 't2', findings('b.md')));
    const [task, ...more] = only(play.take(completed('researcher', 't1', findings('a.md'))), 'task.assigned');
    expect(more).toEqual([]);
    expect(task).toMatchObject({ to: 'writer', task: 't3', integrity: 'outside', body: { round: 1 } });
    expect(task?.body.inputs).toEqual([findings('a.md'), findings('b.md')]);
  });

  it('when the draft is back, then the critic gets it under a task of its own', () => {
    const play = begun();
    play.take(completed('researcher', 't1', findings('a.md')));
    play.take(completed('researcher', 't2', { ...findings('b.md'), gaps: ['No prices.'] }));
    const [review] = only(play.take(completed('writer', 't3', draft('Draft [1].'))), 'task.assigned');
    expect(review).toMatchObject({ to: 'critic', task: 't3-review-1', body: { round: 1, tools: [] } });
    expect(review?.body.inputs).toEqual([{ kind: 'findings', claims: [], gaps: ['No prices.'] }, draft('Draft [1].')]);
  });

  it('when it names a role that is nobody here, then no task is assigned to it', () => {
    const outputs = new Play().answer(goal(), planAnswer([planned('x', 'tool-executor')]));
    expect(only(outputs, 'answer.rejected')[0]?.body.complaint).toContain('"tool-executor"');
  });

  it('when a task is for the reviewer, then the plan is sent back: reviews are not planned', () => {
    const outputs = new Play().answer(goal(), planAnswer([planned('x', 'critic')]));
    expect(only(outputs, 'answer.rejected')[0]?.body.complaint).toContain('"critic"');
  });
});

describe('given a draft under review', () => {
  it('when the critic accepts, then the draft goes to the guard and nowhere else', () => {
    const outputs = reviewing().take(completed('critic', 't3-review-1', critique('accept')));
    expect(outputs.map(({ type, to }) => [type, to])).toEqual([['output.proposed', 'policy-guard']]);
    expect(only(outputs, 'output.proposed')[0]?.body).toEqual({
      goal: 'How do ferries fare in storms?',
      markdown: 'First draft [1].',
      sources: [evidence('a.md')],
    });
  });

  it('when the critic asks for changes, then the writer gets findings, draft and critique as the next round', () => {
    const outputs = reviewing().take(completed('critic', 't3-review-1', critique('revise', 'Add prices.')));
    const [task] = only(outputs, 'task.assigned');
    expect(task).toMatchObject({ to: 'writer', task: 't3-2', body: { round: 2 } });
    expect(task?.body.inputs.map(({ kind }) => kind)).toEqual(['findings', 'findings', 'draft', 'critique']);
  });

  it('when the revision is back, then the critic sees its earlier critique too', () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('revise', 'Add prices.')));
    const [review] = only(play.take(completed('writer', 't3-2', draft('Second draft [1].'))), 'task.assigned');
    expect(review).toMatchObject({ to: 'critic', task: 't3-review-2', body: { round: 2 } });
    expect(review?.body.inputs).toEqual([critique('revise', 'Add prices.'), draft('Second draft [1].')]);
  });

  it('when the revisions are used up, then the last draft is proposed and the result tells what the critic still asks', () => {
    const play = reviewing({ revisions_max: 1 });
    play.take(completed('critic', 't3-review-1', critique('revise', 'Add prices.')));
    play.take(completed('writer', 't3-2', draft('Second draft [1].')));
    const outputs = play.take(completed('critic', 't3-review-2', critique('revise', 'Still no prices.')));
    expect(only(outputs, 'output.proposed')[0]?.body.markdown).toBe('Second draft [1].');
    expect(ended(play.letOut())).toMatchObject({
      status: 'completed',
      reason: 'the critic still asks: Still no prices.',
    });
  });

  it('when no revision is allowed, then the first draft is proposed whatever the critic says', () => {
    const outputs = reviewing({ revisions_max: 0 }).take(completed('critic', 't3-review-1', critique('revise', 'No.')));
    expect(only(outputs, 'output.proposed')).toHaveLength(1);
  });
});

describe('given a report at the guard', () => {
  const proposed = () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('accept')));
    return play;
  };

  it('when it is let out, then the result is what the guard let out, and nothing beside it', () => {
    const result = ended(proposed().take(approved('Masked draft [1].\n\n## Sources\n\n[1] a.md:1-2\n')));
    expect(result.status).toBe('completed');
    expect(result.reason).toBeUndefined();
    expect(result.markdown).toBe('Masked draft [1].\n\n## Sources\n\n[1] a.md:1-2\n');
    expect(result.startedAt).toBe(STARTED_AT);
  });

  it('when it is let out, then the result tells all that was spent, the plan included', () => {
    expect(ended(proposed().take(approved('Draft [1].'))).spent).toMatchObject({ tokens: 500, modelCalls: 5 });
  });

  it('when it is refused, then the run fails and no word of the report leaves', () => {
    const play = proposed();
    const result = ended(play.take(sent('policy-guard', 'run', { type: 'output.refused', body: { reason: 'No.' } })));
    expect(result).toMatchObject({ status: 'failed', markdown: '', reason: 'The report was not let out: No.' });
  });

  it('when a verdict comes twice, then there is one result', () => {
    const play = proposed();
    play.take(approved('Draft [1].'));
    expect(play.take(approved('Draft [1].'))).toEqual([]);
    expect(play.state).toEqual({ status: 'ended' });
  });
});

describe('given tasks under way', () => {
  it('when a result comes twice, then the second changes nothing', () => {
    const play = begun();
    play.take(completed('researcher', 't1', findings('a.md')));
    const before = play.state;
    expect(play.take(completed('researcher', 't1', findings('other.md')))).toEqual([]);
    expect(play.state).toEqual(before);
  });

  it('when a result names a task that was never handed out, then it changes nothing', () => {
    const play = begun();
    const before = play.state;
    expect(play.take(completed('writer', 't3', draft('Early [1].')))).toEqual([]);
    expect(play.take(failed('researcher', 't99', 'x'))).toEqual([]);
    expect(play.state).toEqual(before);
  });

  it('when another role than the one that has the task answers it, then its result changes nothing', () => {
    const play = begun();
    const before = play.state;
    expect(play.take(completed('critic', 't1', findings('forged.md')))).toEqual([]);
    expect(play.state).toEqual(before);
  });

  it('when a company has no reviewer, then a draft is final', () => {
    const play = new Play({ ...COMPANY, reviewer: undefined });
    play.answer(goal(), planAnswer([planned('w', 'writer')]));
    expect(only(play.take(completed('writer', 't1', draft('Draft [1].'))), 'output.proposed')).toHaveLength(1);
  });
});
