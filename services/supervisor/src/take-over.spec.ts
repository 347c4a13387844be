import { FINDINGS_BYTES_MAX, REPORT_BYTES_MAX } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import {
  begun,
  completed,
  critique,
  draft,
  ended,
  evidence,
  findings,
  goal,
  isWarrant,
  only,
  planAnswer,
  Play,
  reviewing,
  RUN,
  sealed,
  TWO_AND_ONE,
} from './play.fixture.ts';

const OTHER_RUN = '01990000-0000-7000-8000-000000000002';
const good = { text: 'Ferries sail.', source: evidence('a.md') };

/** What the writer is given of the first question's findings, and how the run ends. */
function takenOver(...claims: (typeof good)[]) {
  const play = begun();
  play.take(completed('researcher', 't1', { kind: 'findings', claims, gaps: ['No prices.'] }));
  const [task] = only(play.take(completed('researcher', 't2', findings('b.md'))), 'task.assigned');
  const [input] = task?.body.inputs ?? [];
  play.take(completed('writer', 't3', draft('Draft [1].', 'b.md')));
  play.take(completed('critic', 't3-review-1', critique('accept')));
  return { findings: input?.kind === 'findings' ? input : undefined, end: ended(play.letOut()) };
}

describe('given findings', () => {
  it('when tools returned all of their sources in this run, then they are taken over as they are', () => {
    const { findings: taken, end } = takenOver(good, good);
    expect(taken).toEqual({ kind: 'findings', claims: [good, good], gaps: ['No prices.'] });
    expect(end).toMatchObject({ status: 'completed' });
    expect(end.reason).toBeUndefined();
  });

  it.each([
    ['that nobody sealed', { ...good.source, seal: 'AAAA' }],
    ['with a seal of another run', evidence('a.md', OTHER_RUN)],
    ['whose text was changed', { ...good.source, text: 'Ferries sink.' }],
    ['of another document', { ...good.source, path: 'b.md' }],
    ['with lines outside of what was sealed', { ...good.source, lines: { startLine: 1, endLine: 3 } }],
  ])(
    'when a claim cites a passage %s, then it is left out, the writer is told, and the result says so',
    (_what, source) => {
      const { findings: taken, end } = takenOver(good, { text: 'Invented.', source });
      const loss = '1 claim(s) were left out: no tool returned their sources in this run.';
      expect(taken).toEqual({ kind: 'findings', claims: [good], gaps: ['No prices.', loss] });
      expect(end).toMatchObject({ status: 'partial', reason: `Title a: ${loss}` });
    },
  );

  it('when they are larger than honest ones, then the first claims that fit are kept and the rest is counted', () => {
    const many = Array.from({ length: 24 }, (_, index) => ({
      text: 'x'.repeat(1_200),
      source: sealed({ path: 'a.md', startLine: index + 1, endLine: index + 1, text: 'y'.repeat(1_200) }),
    }));
    const { findings: taken, end } = takenOver(...many);
    expect(JSON.stringify(taken?.claims).length).toBeLessThan(FINDINGS_BYTES_MAX + 100);
    expect(taken?.claims.length).toBeGreaterThan(2);
    expect(end.reason).toContain(`${24 - (taken?.claims.length ?? 0)} claim(s) were left out: the findings would be`);
  });
});

describe('given a draft', () => {
  const proposalOf = (source: typeof good.source, markdown = 'Known [1]. Added [2].') => {
    const play = begun();
    play.take(completed('researcher', 't1', findings('a.md')));
    play.take(completed('researcher', 't2', findings('b.md')));
    play.take(completed('writer', 't3', { kind: 'draft', markdown, sources: [evidence('a.md'), source] }));
    const outputs = play.take(completed('critic', 't3-review-1', critique('accept')));
    return { body: only(outputs, 'output.proposed')[0]?.body, end: ended(play.letOut()) };
  };

  it('when its sources are those of findings, then it is taken over as it is', () => {
    const { body, end } = proposalOf(evidence('b.md'));
    expect(body).toMatchObject({ markdown: 'Known [1]. Added [2].', sources: [evidence('a.md'), evidence('b.md')] });
    expect(end.status).toBe('completed');
  });

  it.each([
    ['that a tool returned but no claim cites', evidence('c.md')],
    ['that was invented', { ...evidence('b.md'), seal: 'AAAA' }],
    ['that claims other lines', { ...evidence('b.md'), lines: { startLine: 1, endLine: 1 } }],
  ])('when the writer adds a source %s, then its marks are taken out, and the result says so', (_what, source) => {
    const { body, end } = proposalOf(source);
    expect(body).toMatchObject({ markdown: 'Known [1]. Added .', sources: [evidence('a.md')] });
    expect(end).toMatchObject({
      status: 'partial',
      reason: 'Title w: 1 source(s) were left out: no findings of this run hold them',
    });
  });

  it('when it carries a known seal over another text, then the passage is the one that was found', () => {
    const { body } = proposalOf({ ...evidence('b.md'), text: 'Ferries sink.' });
    expect(body?.sources[1]).toEqual(evidence('b.md'));
  });

  it('when its text takes more bytes than messages have for it, then it is cut, and the result says so', () => {
    const { body, end } = proposalOf(evidence('b.md'), `Known [1]. Added [2]. ${'\u0001'.repeat(20_000)}`);
    expect(JSON.stringify(body?.markdown).length).toBeLessThan(REPORT_BYTES_MAX + 100);
    expect(end).toMatchObject({ status: 'partial', reason: 'Title w: the draft was cut: it is too large' });
  });

  it('when nothing of it can be kept, then there still is a text that fits its schema', () => {
    const play = begun();
    play.take(completed('researcher', 't1', findings('a.md')));
    play.take(completed('researcher', 't2', findings('b.md')));
    const hollow = { kind: 'draft' as const, markdown: '[1]', sources: [evidence('c.md')] };
    const [review] = only(play.take(completed('writer', 't3', hollow)), 'task.assigned');
    expect(review?.body.inputs).toEqual([
      { kind: 'draft', markdown: 'The draft held nothing that can be kept.', sources: [] },
    ]);
  });
});

describe('given a task', () => {
  it('when it may use tools, then it carries a warrant for exactly its run, task, role, tools, calls and deadline', () => {
    const tasks = only(new Play().answer(goal(), planAnswer(TWO_AND_ONE)), 'task.assigned');
    expect(tasks.map(({ task }) => task)).toEqual(['t1', 't2']);
    for (const { task, to, body, budget } of tasks) {
      const { warrant, tools } = body;
      expect(warrant).toMatchObject({ tools, toolCalls: 12, deadlineAt: budget.deadlineAt });
      const holder = { run: RUN, task, tenant: goal().tenant, assignee: to };
      expect(warrant !== undefined && isWarrant(holder, warrant)).toBe(true);
    }
  });

  it('when it may not use tools, or may call none, then it has no warrant', () => {
    const play = new Play();
    const tasks = play.answer(goal({ tool_calls_max: 0 }), planAnswer(TWO_AND_ONE));
    expect(only(tasks, 'task.assigned').map(({ body }) => body.warrant)).toEqual([undefined, undefined]);
    play.take(completed('researcher', 't1', findings('a.md')));
    const [write] = only(play.take(completed('researcher', 't2', findings('b.md'))), 'task.assigned');
    expect(write?.body.warrant).toBeUndefined();
    const [revise] = only(
      reviewing().take(completed('critic', 't3-review-1', critique('revise', 'More.'))),
      'task.assigned',
    );
    expect(revise?.body.warrant).toBeUndefined();
  });
});
