import { given } from '@troupe/decider';
import { describe, expect, it } from 'vitest';
import { assigned, draft, reviewed } from './critic.fixture.ts';
import { critic } from './decide.ts';

const critique = (verdict: string, ...reasons: string[]) => ({
  type: 'task.completed',
  body: { artifact: { kind: 'critique', verdict, reasons } },
});

describe('given a draft to review', () => {
  it('when it is asked about, then the model sees draft, sources, gaps, round and the earlier critique', () => {
    const task = assigned(
      { kind: 'findings', claims: [], gaps: ['No prices.'] },
      { kind: 'critique', verdict: 'revise', reasons: ['Add prices.'] },
      draft('A fact [1].'),
    );
    const { facts, turns } = given(critic).when(task).question();
    for (const part of ['Ferries', 'A fact [1].', '[1] a.md, lines', 'No prices.', 'round 2', 'Add prices.'])
      expect(turns[0]?.text).toContain(part);
    expect(facts).toMatchObject({
      goal: 'Ferries',
      draft: 'A fact [1].',
      sources: [{ number: 1, path: 'a.md' }],
      gaps: ['No prices.'],
      problems: [],
      round: 2,
      previous: { verdict: 'revise', reasons: ['Add prices.'] },
    });
  });

  it('when a citation dangles, then the model is told what the checks found', () => {
    const { turns } = given(critic)
      .when(assigned(draft('A fact [4].')))
      .question();
    expect(turns[0]?.text).toContain('[4] does not point to a source.');
  });

  it('when there are several drafts, then the last one is reviewed', () => {
    const task = assigned(draft('A chapter of another task.'), draft('The draft.'));
    expect(given(critic).when(task).question().facts).toMatchObject({ draft: 'The draft.' });
  });
});

describe('given a verdict', () => {
  it('when the draft is accepted, then so it is', () => {
    expect(reviewed(assigned(draft('A fact [1].')), 'accept')).toMatchObject(critique('accept'));
  });

  it('when changes are asked for, then with their reasons', () => {
    expect(reviewed(assigned(draft('A fact [1].')), 'revise', 'Add prices.')).toMatchObject(
      critique('revise', 'Add prices.'),
    );
  });

  it('when a draft with a dangling citation is accepted, then it is not: the checks outrank the model', () => {
    expect(reviewed(assigned(draft('One [1]. Two [2]. Three [0].')), 'accept')).toMatchObject(
      critique('revise', '[2] does not point to a source.', '[0] does not point to a source.'),
    );
  });

  it('when very many citations dangle, then the critique still fits its schema', () => {
    const marks = Array.from({ length: 500 }, (_, index) => `[${index + 2}]`).join(' ');
    const output = reviewed(assigned(draft(marks)), 'accept');
    expect(
      output.type === 'task.completed' && output.body.artifact.kind === 'critique' && output.body.artifact.reasons,
    ).toHaveLength(16);
  });

  it('when there is no draft, then nothing can be accepted', () => {
    expect(reviewed(assigned(), 'accept')).toMatchObject(critique('revise', 'there is no draft to review'));
  });

  it('when changes are asked for without a reason, then the model is asked for one', () => {
    expect(reviewed(assigned(draft('A fact [1].')), 'revise')).toMatchObject({
      type: 'answer.rejected',
      to: 'critic',
      body: { complaint: expect.stringContaining('at least one reason') },
    });
  });
});
