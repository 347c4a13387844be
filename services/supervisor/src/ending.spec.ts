import { describe, expect, it } from 'vitest';
import {
  approved,
  backToItself,
  begun,
  cancel,
  completed,
  critique,
  deadline,
  handIn,
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
  sealed,
  reviewing,
  sent,
  TWO_AND_ONE,
} from './play.fixture.ts';

describe('given tasks that fail', () => {
  it('when one of two questions fails, then the writer is told of the gap and the result is partial', () => {
    const play = begun();
    play.take(failed('researcher', 't1', 'no model'));
    const [task] = only(play.take(completed('researcher', 't2', findings('b.md'))), 'task.assigned');
    expect(task?.body.inputs).toEqual([
      { kind: 'findings', claims: [], gaps: ['Title a: not answered (no model).'] },
      findings('b.md'),
    ]);
    play.take(completed('writer', 't3', draft('Draft [1].', 'b.md')));
    play.take(completed('critic', 't3-review-1', critique('accept')));
    expect(ended(play.letOut())).toMatchObject({ status: 'partial', reason: 'Title a: no model' });
  });

  it('when all questions fail, then nobody writes, and the run fails with every reason', () => {
    const play = begun();
    play.take(failed('researcher', 't1', 'no model'));
    const outputs = play.take(failed('researcher', 't2', 'no tokens'));
    expect(only(outputs, 'output.proposed')[0]?.body.sources).toEqual([]);
    const result = ended(play.letOut());
    expect(result.status).toBe('failed');
    expect(result.reason).toContain('Title a: no model; Title b: no tokens');
  });

  it('when the writer fails, then what was found is the partial report, each claim with its source', () => {
    const play = begun();
    play.take(completed('researcher', 't1', findings('a.md')));
    play.take(completed('researcher', 't2', findings('b.md')));
    const [proposal] = only(play.take(failed('writer', 't3', 'no model')), 'output.proposed');
    expect(proposal?.body.markdown).toContain('- A fact of a.md. [1]\n- A fact of b.md. [2]');
    expect(proposal?.body.sources).toEqual([evidence('a.md'), evidence('b.md')]);
    expect(ended(play.take(approved('x [1] [2]'))).status).toBe('partial');
  });

  it('when the review fails, then the draft is kept and the result says that it was not reviewed', () => {
    const play = reviewing();
    const outputs = play.take(failed('critic', 't3-review-1', 'no model'));
    expect(only(outputs, 'output.proposed')[0]?.body.markdown).toBe('First draft [1].');
    expect(ended(play.letOut())).toMatchObject({
      status: 'partial',
      reason: 'Title w: it could not be reviewed: no model',
    });
  });

  it('when a review comes back as something else, then the draft is kept', () => {
    const outputs = reviewing().take(completed('critic', 't3-review-1', findings('x.md')));
    expect(only(outputs, 'output.proposed')[0]?.body.markdown).toBe('First draft [1].');
  });

  it('when the revision fails, then the draft before it is kept', () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('revise', 'Add prices.')));
    const outputs = play.take(failed('writer', 't3-2', 'no tokens'));
    expect(only(outputs, 'output.proposed')[0]?.body.markdown).toBe('First draft [1].');
    const { status, reason } = ended(play.letOut());
    expect(status).toBe('partial');
    expect(reason).toContain('it could not be revised: no tokens');
  });

  it('when a worker hands in less than was asked for, then the result is partial and says why', () => {
    const play = begun({}, [planned('a', 'researcher'), planned('w', 'writer', 'a')]);
    play.take(completed('researcher', 't1', findings('a.md')));
    play.take(completed('writer', 't2', draft('Draft [1].'), 100, 'the limit of 10 steps was reached'));
    play.take(completed('critic', 't2-review-1', critique('accept')));
    expect(ended(play.letOut())).toMatchObject({
      status: 'partial',
      reason: 'Title w: the limit of 10 steps was reached',
    });
  });

  it('when the reason of a failure is as long as may be, then the gap that the writer is told of still fits', () => {
    const play = begun();
    play.take(failed('researcher', 't1', 'x'.repeat(4_000)));
    expect(only(play.take(completed('researcher', 't2', findings('b.md'))), 'task.assigned')).toHaveLength(1);
  });

  it('when the reason why a report was not let out is as long as may be, then the result quotes what fits', () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('accept')));
    const refused = sent('policy-guard', 'run', { type: 'output.refused', body: { reason: 'x'.repeat(4_000) } });
    const { status, reason } = ended(play.take(refused));
    expect(status).toBe('failed');
    expect(reason).toMatch(/^The report was not let out: x+…$/);
  });

  it('when a goal is refused with any reason, then the result quotes what fits', () => {
    const refused = rejected('x'.repeat(20_000), '{');
    expect(ended(new Play().take(refused))).toMatchObject({ status: 'rejected', reason: expect.stringMatching(/x…$/) });
  });

  it('when the writer fails after as many claims as may be, then the partial report still fits', () => {
    const full = (path: string) => ({
      ...findings(path),
      claims: Array.from({ length: 24 }, (_, index) => ({
        text: `${index} ${'x'.repeat(1_150)}`,
        source: sealed({ path, startLine: index + 1, endLine: index + 1, text: 'x'.repeat(1_200) }),
      })),
    });
    const play = begun();
    play.take(completed('researcher', 't1', full('a.md')));
    play.take(completed('researcher', 't2', full('b.md')));
    expect(only(play.take(failed('writer', 't3', 'no model')), 'output.proposed')).toHaveLength(1);
  });
});

describe('given a deadline', () => {
  it('when it comes while a second plan is asked for, then the run fails and the late plan changes nothing', () => {
    const play = new Play();
    play.answer(goal(), planAnswer([planned('a', 'ghost')]));
    expect(ended(play.take(deadline))).toMatchObject({
      status: 'failed',
      reason: 'the deadline was reached before there was a plan',
    });
    expect(play.conclude(backToItself('x', 0), planAnswer(TWO_AND_ONE))).toEqual([]);
  });

  it('when it comes before anything was found, then the run fails', () => {
    const play = begun();
    play.take(handIn);
    const result = ended(play.letOut());
    expect(result).toMatchObject({ status: 'failed' });
    expect(result.reason).toContain('the deadline of 600000 ms was reached');
  });

  it('when it comes with findings but no draft, then they are the partial report and what is open is told', () => {
    const play = begun();
    play.take(completed('researcher', 't1', findings('a.md')));
    const [proposal] = only(play.take(handIn), 'output.proposed');
    expect(proposal?.body.markdown).toContain('- A fact of a.md. [1]');
    const result = ended(play.letOut());
    expect(result.status).toBe('partial');
    expect(result.reason).toContain('Title b: not finished; Title w: not finished');
  });

  it('when it comes during a review, then the draft is the partial report', () => {
    const play = reviewing();
    expect(only(play.take(handIn), 'output.proposed')[0]?.body.markdown).toBe('First draft [1].');
    expect(ended(play.take(approved('First draft [1].'))).status).toBe('partial');
  });

  it('when it comes during a revision, then the draft before it is the partial report', () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('revise', 'Add prices.')));
    expect(only(play.take(handIn), 'output.proposed')[0]?.body.markdown).toBe('First draft [1].');
  });

  it('when results come after it, then they are only noted', () => {
    const play = begun();
    play.take(handIn);
    expect(play.take(completed('researcher', 't1', findings('a.md')))).toEqual([]);
  });

  it('when the work ends while the guard has the report, then the verdict is still awaited', () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('accept')));
    expect(play.skips(handIn)).toBe(true);
    expect(ended(play.take(approved('First draft [1].'))).status).toBe('completed');
  });

  it('when it is reached while the guard has the report, then the run ends: nothing leaves unchecked', () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('accept')));
    expect(ended(play.take(deadline))).toMatchObject({
      status: 'failed',
      reason: 'the deadline was reached before the report was checked',
      markdown: '',
    });
  });

  it('when anything is stored after it and its own timer is late, then the run ends all the same', () => {
    const late = { ...completed('researcher', 't1', findings('a.md')), storedAt: 601_000 };
    expect(ended(begun().take(late))).toMatchObject({
      status: 'failed',
      reason: 'the deadline was reached before there was a report',
    });
  });

  it('when a timer comes that was armed for an earlier time, then the run goes on and nothing is noted', () => {
    const play = begun();
    expect(play.skips({ ...handIn, id: 'due.9.30000', at: 30_000 })).toBe(true);
    expect(play.state.status).toBe('running');
  });

  it('when it comes after the end or for a run that never was, then it leaves no mark', () => {
    const play = begun();
    play.take(cancel);
    expect(play.skips(deadline)).toBe(true);
    expect(new Play().skips(deadline)).toBe(true);
  });
});

describe('given a request to cancel', () => {
  const atTheGuard = () => {
    const play = reviewing();
    play.take(completed('critic', 't3-review-1', critique('accept')));
    return play;
  };
  const secondPlan = () => {
    const play = new Play();
    play.answer(goal(), planAnswer([planned('a', 'ghost')]));
    return play;
  };

  it.each([
    ['planning', secondPlan],
    ['at work', begun],
    ['under review', reviewing],
    ['at the guard', atTheGuard],
  ])('when the run is %s, then it ends as cancelled and everything later is only noted', (_phase, start) => {
    const play = start();
    expect(ended(play.take(cancel))).toMatchObject({ status: 'cancelled', markdown: '' });
    expect(play.take(completed('researcher', 't1', findings('a.md')))).toEqual([]);
    expect(play.take(approved('Draft [1].'))).toEqual([]);
    expect(play.take(cancel)).toEqual([]);
    expect(play.skips(deadline)).toBe(true);
  });

  it('when it comes while the first plan is asked for, then no task is handed out', () => {
    const play = new Play();
    const input = goal();
    play.question(input);
    const outputs = [...play.take(cancel), ...play.conclude(input, planAnswer(TWO_AND_ONE))];
    expect(ended(outputs)).toMatchObject({ status: 'cancelled' });
  });
});
