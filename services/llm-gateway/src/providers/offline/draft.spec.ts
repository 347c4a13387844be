import { DraftSubmission, REPORT_CHARS_MAX } from '@troupe/contract';
import type { WriteFacts } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { draftOf } from './draft.ts';
import { reportSentences } from './report-sentences.ts';
import { reviewOf } from './review.ts';

const SOURCES = [
  {
    number: 1,
    path: 'docs/durable-log.md',
    startLine: 3,
    endLine: 4,
    text: 'The log is kept on disk. It is never purged.',
  },
  { number: 2, path: 'docs/durable-log.md', startLine: 6, endLine: 6, text: 'State is rebuilt by folding the log.' },
  { number: 3, path: 'guard/grants.md', startLine: 1, endLine: 1, text: 'A grant is signed by the guard!' },
];
const CLAIMS = [
  { text: 'The log is kept on disk.', source: 1 },
  { text: 'State is rebuilt by folding the log.', source: 2 },
  { text: 'A grant is signed by the guard!', source: 3 },
];

function draft(different: Partial<WriteFacts> = {}): string {
  const prompt = {
    goal: 'explain the log and the guard.',
    title: 't',
    instructions: 'i',
    claims: CLAIMS,
    sources: SOURCES,
    gaps: [],
  };
  return DraftSubmission.parse(draftOf({ ...prompt, ...different })).markdown;
}

describe('an offline draft', () => {
  it('is made of the claims, the first as a lead and the others under their documents', () => {
    expect(draft({ gaps: ['The documents do not name a price.'] })).toBe(
      [
        '# Explain the log and the guard',
        'The log is kept on disk [1].',
        '## Durable log',
        'State is rebuilt by folding the log [2].',
        '## Grants',
        'A grant is signed by the guard [3]!',
        '## What the documents do not answer',
        '- The documents do not name a price.',
      ].join('\n\n'),
    );
  });

  it('says each thing once, with all its sources', () => {
    const claims = [...CLAIMS, { text: 'The log is kept on disk.', source: 2 }];
    expect(draft({ claims }).match(/kept on disk.*/g)).toEqual(['kept on disk [1][2].']);
  });

  it('says plainly that there is no answer when there are no claims', () => {
    const markdown = draft({ claims: [], gaps: ['Nothing on tungsten.'] });
    expect(markdown).toContain('The documents do not hold an answer to this question.');
    expect(markdown).toContain('- Nothing on tungsten.');
    expect(markdown).not.toMatch(/\[\d+\]/);
  });

  it('leaves out claims without a source and marks that are a document’s own', () => {
    const claims = [
      { text: 'This one cites nothing known at all.', source: 9 },
      { text: 'The log is kept on disk [12].', source: 1 },
    ];
    expect(draft({ claims })).toBe('# Explain the log and the guard\n\nThe log is kept on disk [1].');
  });

  it('tells documents of the same name apart', () => {
    const sources = SOURCES.map((source) => ({ ...source, path: `${source.number}/log.md` }));
    expect(draft({ sources }).match(/^## .*/gm)).toEqual(['## Log (2/log.md)', '## Log (3/log.md)']);
  });

  it('stays within the length of a report', () => {
    const sources = Array.from({ length: 192 }, (_, n) => ({
      ...SOURCES[0],
      path: 'a.md',
      startLine: 1,
      endLine: 1,
      text: 't',
      number: n + 1,
    }));
    const claims = sources.map(({ number }) => ({
      text: `Claim${number} ${`w${number}x `.repeat(200)}`,
      source: number,
    }));
    const gaps = Array.from({ length: 48 }, (_, n) => `gap ${n} `.repeat(300));
    expect(draft({ claims, sources, gaps }).length).toBeLessThanOrEqual(REPORT_CHARS_MAX);
  });

  it('of a revision drops what is uncited, cited wrongly or unsupported and adds what was left out', () => {
    const previous = [
      '# Explain the log',
      'The log is kept on disk [1]. Everybody likes the log very much.',
      'A grant costs five dollars per month [3]. It was purged long ago [7].',
    ].join('\n\n');
    const markdown = draft({ revision: { previous, reasons: ['This sentence has no citation: "Everybody likes"'] } });
    expect(markdown).toContain('The log is kept on disk [1].');
    expect(markdown).toContain('State is rebuilt by folding the log [2].');
    for (const wrong of ['likes', 'dollars', 'long ago', '[7]']) expect(markdown).not.toContain(wrong);
  });

  it('of a revision says that nothing was found about what the reviewer missed', () => {
    const revision = { previous: draft(), reasons: ['It says nothing about "backups".'] };
    expect(draft({ goal: 'Explain the log and its backups.', revision })).toContain(
      '- Nothing was found about: backups.',
    );
  });

  it('ends with an accepted report when it is revised as its reviewer asks', () => {
    const goal = 'How are backups, archives and mirrors of the log made?';
    const first = draft({ goal });
    const review = (markdown: string) =>
      reviewOf({ goal, draft: markdown, sources: SOURCES, gaps: [], problems: [], round: 1 });
    const { verdict, reasons } = review(first);
    expect(verdict).toBe('revise');
    expect(review(draft({ goal, revision: { previous: first, reasons } })).verdict).toBe('accept');
  });
});

describe('the sentences of a report', () => {
  it('are read with their marks wherever these stand', () => {
    expect(
      reportSentences('# Title\n\nOne is said here [1][2]. Two is said here. [3]\n\n- Three is said there [4]'),
    ).toEqual([
      { text: 'One is said here.', numbers: [1, 2], isFactual: true },
      { text: 'Two is said here.', numbers: [3], isFactual: true },
      { text: 'Three is said there', numbers: [4], isFactual: true },
    ]);
  });

  it('state nothing where they announce, ask, are about gaps or say that there is nothing', () => {
    const markdown =
      'These are the points:\n\nWhat is a log then?\n\nThe documents do not say it.\n\n## What the documents do not answer\n\n- The price of one grant.';
    expect(reportSentences(markdown).map(({ isFactual }) => isFactual)).toEqual([false, false, false, false]);
  });
});
