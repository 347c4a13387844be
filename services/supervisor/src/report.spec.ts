import { describe, expect, it } from 'vitest';
import { configFrom } from './company.ts';
import type { Outgoing } from '@troupe/contract';
import {
  approved,
  backToItself,
  begun,
  COMPANY,
  critique,
  goal,
  Play,
  planAnswer,
  planned,
  reviewing,
  completed,
  ended,
  evidence,
  failed,
  findings,
  only,
} from './play.fixture.ts';

describe('a report that nobody wrote', () => {
  it('cites each claim, and keeps only what is cited', () => {
    const play = begun();
    play.take(completed('researcher', 't1', findings('a.md')));
    play.take(completed('researcher', 't2', { kind: 'findings', claims: [], gaps: ['Nothing on prices.'] }));
    const [proposal] = only(play.take(failed('writer', 't3', 'no model')), 'output.proposed');
    expect(proposal?.body).toMatchObject({
      markdown:
        '# How do ferries fare in storms?\n\nThis report is not finished. What was found:\n\n- A fact of a.md. [1]',
      sources: [evidence('a.md')],
    });
  });

  it('does not take a number in a claim for a citation', () => {
    const play = begun();
    const [claim] = findings('a.md').claims;
    const claims = claim === undefined ? [] : [{ ...claim, text: 'The ship [2] sailed in [1999].' }];
    play.take(completed('researcher', 't1', { kind: 'findings', claims, gaps: [] }));
    play.take(completed('researcher', 't2', findings('b.md')));
    const [proposal] = only(play.take(failed('writer', 't3', 'no model')), 'output.proposed');
    expect(proposal?.body.sources[0]).toEqual(evidence('a.md'));
  });
});

describe('a result', () => {
  const FOREIGN = '<script>alert(1)</script>';
  const secondPlan = (role: string) => {
    const play = new Play();
    play.answer(goal(), planAnswer([planned('a', role)]));
    return play;
  };

  it.each<[string, () => { play: Play; outputs: Outgoing[] }]>([
    [
      'a provider that is down',
      () => {
        const play = new Play();
        return { play, outputs: play.answer(goal(), { ok: false, kind: 'unavailable', message: FOREIGN }) };
      },
    ],
    [
      'plans that cannot be run',
      () => {
        const play = secondPlan('ghost');
        const bad = planAnswer([planned('a', 'ghost')]);
        play.answer(backToItself('x', 0), bad);
        return { play, outputs: play.answer(backToItself(FOREIGN, 1), bad) };
      },
    ],
    [
      'a worker that failed',
      () => {
        const play = begun();
        play.take(failed('researcher', 't1', FOREIGN));
        return { play, outputs: play.take(failed('researcher', 't2', 'no model')) };
      },
    ],
    [
      'a critic that still asks',
      () => {
        const play = reviewing({ revisions_max: 0 });
        return { play, outputs: play.take(completed('critic', 't3-review-1', critique('revise', FOREIGN))) };
      },
    ],
  ])('tells of %s only what the guard let out', (_what, start) => {
    const { play, outputs } = start();
    expect(only(outputs, 'output.proposed')[0]?.body.reason).toBeTruthy();
    const result = ended(play.take(approved('Checked report.', 'checked reason')));
    expect(result).toMatchObject({ reason: 'checked reason', markdown: 'Checked report.' });
  });

  it('keeps its reason short, however much went wrong', () => {
    const play = begun();
    play.take(failed('researcher', 't1', 'x'.repeat(3_000)));
    play.take(failed('researcher', 't2', 'y'.repeat(3_000)));
    expect(ended(play.letOut()).reason).toHaveLength(2_000);
  });
});

describe('the company', () => {
  const kinds = [
    { name: 'critic', kind: 'reviewer' as const, description: 'Reviews.', emits: {} },
    { name: 'policy-guard', kind: 'agent' as const, description: 'Guards.', emits: {} },
    { name: 'llm-gateway', kind: 'gateway' as const, description: 'Answers.', emits: {} },
    {
      name: 'researcher',
      kind: 'worker' as const,
      description: 'Finds.',
      emits: { 'tool.requested': ['policy-guard'] },
    },
    { name: 'translator', kind: 'worker' as const, description: 'Translates.', emits: {} },
  ];

  it('plans for workers alone, new ones included', () => {
    expect(configFrom(kinds, ['calculate'], COMPANY)).toMatchObject({
      workers: [
        { name: 'researcher', description: 'Finds.' },
        { name: 'translator', description: 'Translates.' },
      ],
      reviewer: 'critic',
      reviewed: 'writer',
      tools: ['calculate'],
      toolUsers: ['researcher'],
    });
  });

  it('works without a reviewer', () => {
    expect(configFrom(kinds.slice(1), [], COMPANY).reviewer).toBeUndefined();
  });
});
