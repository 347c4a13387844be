import { given } from '@troupe/decider';
import { describe, expect, it } from 'vitest';
import { writer } from './decide.ts';
import { assigned, drafted, findings, source } from './writer.fixture.ts';

const two = assigned(findings('a.md', 'b.md'));
const completed = (markdown: string, sources: object[], shortfall?: string) => ({
  type: 'task.completed',
  body: { artifact: { kind: 'draft', markdown, sources }, ...(shortfall === undefined ? {} : { shortfall }) },
});

describe('given findings', () => {
  const prompt = (...inputs: Parameters<typeof assigned>) =>
    given(writer)
      .when(assigned(...inputs))
      .question().facts;

  it('when a report is asked for, then the model sees each claim with the number of its source', () => {
    expect(prompt(findings('a.md', 'b.md'))).toMatchObject({
      claims: [
        { text: 'A fact of a.md.', source: 1 },
        { text: 'A fact of b.md.', source: 2 },
      ],
      sources: [
        { number: 1, path: 'a.md' },
        { number: 2, path: 'b.md' },
      ],
    });
  });

  it('when two tasks found the same lines, then they are one source', () => {
    expect(prompt(findings('a.md'), findings('a.md', 'b.md'))).toMatchObject({
      claims: [{ source: 1 }, { source: 1 }, { source: 2 }],
      sources: [{ path: 'a.md' }, { path: 'b.md' }],
    });
  });

  it('when there are gaps, then the model sees them', () => {
    expect(prompt({ kind: 'findings', claims: [], gaps: ['No prices.'] })).toMatchObject({ gaps: ['No prices.'] });
  });

  it('when it is a revision, then the model sees the draft and what to change', () => {
    const earlier = { kind: 'draft' as const, markdown: 'Old [1].', sources: [source('a.md')] };
    const critique = { kind: 'critique' as const, verdict: 'revise' as const, reasons: ['Add prices.'] };
    const data = prompt(findings('a.md'), earlier, critique);
    expect(data).toMatchObject({ revision: { previous: 'Old [1].', reasons: ['Add prices.'] } });
  });

  it('when another draft is an input too, then the one that is revised is its own, which comes last', () => {
    const draft = (markdown: string) => ({ kind: 'draft' as const, markdown, sources: [] });
    const critique = { kind: 'critique' as const, verdict: 'revise' as const, reasons: ['Shorter.'] };
    expect(prompt(draft('A chapter of another task.'), draft('Mine.'), critique)).toMatchObject({
      revision: { previous: 'Mine.' },
    });
  });
});

describe('given a draft', () => {
  it('when it cites sources, then they are renumbered by first use and only they are kept', () => {
    expect(drafted('One [2]. Two [2].', two)).toMatchObject(completed('One [1]. Two [1].', [source('b.md')]));
  });

  it('when it cites a source that does not exist, then it is sent back and told which', () => {
    expect(drafted('One [1], two [7], three [9].', two)).toMatchObject({
      type: 'answer.rejected',
      to: 'writer',
      body: { complaint: 'There is no source [7], [9]. Cite only the sources listed.' },
    });
  });

  it('when it cites thousands that do not exist, then the complaint names as many as fit', () => {
    const marks = Array.from({ length: 3_000 }, (_, index) => `[${index + 3}]`).join('');
    expect(drafted(marks, two).type).toBe('answer.rejected');
  });

  it('when it still does at the third time, then the marks are taken out and the result says so', () => {
    expect(drafted('One [1], two [7].', two, 2).type).toBe('answer.rejected');
    expect(drafted('One [1], two [7].', two, 3)).toMatchObject(
      completed('One [1], two .', [source('a.md')], 'citations of sources that do not exist were taken out'),
    );
  });

  it('when a mark stands inside another, then taking it out leaves no new mark behind', () => {
    const output = drafted('One [1]. Two [[7]2].', assigned(findings('a.md')), 3);
    const artifact = output.type === 'task.completed' ? output.body.artifact : undefined;
    expect(artifact?.kind === 'draft' ? artifact.markdown : '').not.toContain('[2]');
  });

  it.each(['## Sources', '### references', '# Citations'])(
    'when it ends with its own "%s", then that is removed',
    (heading) => {
      expect(drafted(`One [1].\n\n${heading}\n\n[1] a.md\n[9] made up`, two)).toMatchObject(
        completed('One [1].', [source('a.md')]),
      );
    },
  );

  it('when a heading only begins like that, then it stays', () => {
    const markdown = 'One [1].\n\n## Sources of delay\n\nStorms [2].';
    expect(drafted(markdown, two)).toMatchObject(completed(markdown, [source('a.md'), source('b.md')]));
  });

  it('when a chapter follows its own list of sources, then that chapter stays', () => {
    const output = drafted('One [1].\n\n## Sources\n\n[1] a.md\n\n## Conclusion\n\nTwo [2].', two);
    expect(JSON.stringify(output.body)).toContain('Conclusion');
  });

  it('when nothing is left of it, then it is sent back', () => {
    expect(drafted('\n## Sources\n\n[1] a.md', two)).toMatchObject({ body: { complaint: 'The report is empty.' } });
  });

  it('when it cites very many sources that do not exist, then the complaint still fits its schema', () => {
    const marks = Array.from({ length: 2_000 }, (_, index) => `[${index + 100}]`).join(' ');
    expect(drafted(marks, two).type).toBe('answer.rejected');
  });
});
