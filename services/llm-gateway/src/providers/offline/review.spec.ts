import { ReviewSubmission } from '@troupe/contract';
import type { ReviewFacts } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { reviewOf } from './review.ts';

const SOUND = '# The log\n\nThe log is kept on disk [1]. State is rebuilt by folding the log [2].';
const SOURCES = [
  { number: 1, path: 'a.md', startLine: 1, endLine: 1, text: 'The log is kept on disk.' },
  { number: 2, path: 'a.md', startLine: 2, endLine: 2, text: 'State is rebuilt by folding the log.' },
];

function review(draft: string, different: Partial<ReviewFacts> = {}) {
  const prompt = { goal: 'How is the log kept?', draft, sources: SOURCES, gaps: [], problems: [], round: 1 };
  return ReviewSubmission.parse(reviewOf({ ...prompt, ...different }));
}

describe('an offline review', () => {
  it('accepts a report whose sentences are cited, supported and about the goal', () => {
    expect(review(SOUND)).toEqual({ verdict: 'accept', reasons: [] });
  });

  it('accepts a report that says that there is no answer', () => {
    const draft =
      '# T\n\nThe documents do not hold an answer.\n\n## What the documents do not answer\n\n- How the log is kept.';
    expect(review(draft, { sources: [] }).verdict).toBe('accept');
  });

  it.each([
    [
      'a sentence without a citation',
      `${SOUND} Everybody likes this log a lot.`,
      'This sentence has no citation: "Everybody likes this log a lot."',
    ],
    [
      'a citation of nothing',
      `${SOUND} The log is old by now [7].`,
      'The citation [7] points to no source: "The log is old by now."',
    ],
    [
      'a source that says something else',
      `${SOUND} Canteens serve noodles daily [1].`,
      'The cited source [1] does not say this: "Canteens serve noodles daily."',
    ],
  ])('asks for a revision because of %s', (_fault, draft, reason) => {
    expect(review(draft)).toEqual({ verdict: 'revise', reasons: [reason] });
  });

  it('asks for a revision when the goal is not taken up, and names what is missing', () => {
    const { verdict, reasons } = review(SOUND, { goal: 'Compare backups and mirrors of the log.' });
    expect(verdict).toBe('revise');
    expect(reasons.join()).toContain('"backups", "mirrors"');
  });

  it('does not take the title for an answer', () => {
    expect(
      review('# How backups and mirrors are kept\n\nThe log is kept on disk [1].', {
        goal: 'Compare backups and mirrors.',
      }).verdict,
    ).toBe('revise');
  });

  it('passes on the problems that were found before it', () => {
    expect(review(SOUND, { problems: ['The report has no title.'] })).toEqual({
      verdict: 'revise',
      reasons: ['The report has no title.'],
    });
  });

  it('comes to an end: from the second round on only citations that point nowhere count', () => {
    const weak = `${SOUND} Everybody likes this log a lot.`;
    expect(review(weak, { round: 2, problems: ['The report has no title.'] }).verdict).toBe('accept');
    expect(review(`${SOUND} The log is old by now [7].`, { round: 2 }).verdict).toBe('revise');
    expect(review(SOUND, { round: 3, problems: ['The citation [9] is not listed.'] }).verdict).toBe('revise');
  });

  it('gives no more reasons than a critique may hold', () => {
    const draft = Array.from({ length: 40 }, (_, n) => `This is sentence number ${n} of many.`).join(' ');
    expect(review(draft).reasons).toHaveLength(16);
  });
});
