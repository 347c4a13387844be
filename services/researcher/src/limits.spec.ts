import { Findings, FINDINGS_BYTES_MAX } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { findingsFrom } from './findings.ts';
import {
  answered,
  assigned,
  backToItself,
  denied,
  handedIn,
  only,
  passage,
  Play,
  returned,
  searched,
  searches,
} from './play.fixture.ts';

/** The tools that may be called. They are all offered to the end. */
function callable(play: Play, input: ReturnType<typeof assigned>): string[] {
  const { tools, only: one } = play.question(input);
  const names = tools.map(({ name }) => name);
  expect(names).toEqual(['search_documents', 'read_document', 'submit_findings']);
  return one === undefined ? names : names.filter((name) => name === one);
}

describe('given a limit on steps', () => {
  it('when one step is left, then only the findings may still be handed in', () => {
    const { play, last } = searched({ steps: 2 }, passage(1));
    expect(callable(play, last)).toEqual(['submit_findings']);
  });

  it('when none is left, then the work is handed in without asking', () => {
    const play = new Play();
    play.answer(assigned({ steps: 1 }), searches('storms'));
    expect(handedIn(play.take(backToItself(1))).shortfall).toBe('the limit of 1 steps was reached');
  });

  it('when answers that were sent back use the steps up, then the work is handed in', () => {
    const play = new Play();
    play.answer(assigned({ steps: 2 }), answered([]));
    play.answer(backToItself(1), answered([]));
    expect(handedIn(play.take(backToItself(2))).shortfall).toContain('2 steps');
  });
});

describe('given a limit on tokens', () => {
  it('when it leaves no room for an answer, then the work is handed in without asking', () => {
    const play = new Play();
    const call = { id: 'm0', name: 'search_documents', arguments: { query: 'storms' } };
    play.answer(assigned({ tokens: 500 }), answered([call], 450));
    expect(handedIn(play.take(returned('c1', passage(1)))).shortfall).toBe('the budget of 500 tokens is used up');
  });

  it('when it leaves room for a short answer, then the answer may be no longer than that', () => {
    const { outputTokensMax } = new Play().question(assigned({ tokens: 600 }));
    expect(outputTokensMax).toBeGreaterThanOrEqual(64);
    expect(outputTokensMax).toBeLessThan(600);
  });

  it('when there never was room, then the task ends without a question', () => {
    expect(handedIn(new Play().take(assigned({ tokens: 10 }))).claims).toEqual([]);
  });
});

describe('given a limit on tool calls', () => {
  it('when an answer asks for more than are left, then those that fit are made', () => {
    const outputs = new Play().answer(assigned({ toolCalls: 2 }), searches('a', 'b', 'c'));
    expect(only(outputs, 'tool.requested').map(({ body }) => body.call)).toEqual(['c1', 'c2']);
  });

  it('when a call was left out, then the model is told that it was not run', () => {
    const play = new Play();
    play.answer(assigned({ toolCalls: 1 }), searches('a', 'b'));
    const turns = play.question(returned('c1', passage(1))).turns;
    expect(turns.at(-2)).toMatchObject({ role: 'tool', callId: 'm1', failed: true });
    expect(turns.at(-2)?.text).toContain('Not run');
  });

  it('when it is reached, then only the findings may still be handed in, and the model is told so once', () => {
    const { play, last } = searched({ toolCalls: 1 }, passage(1));
    expect(callable(play, last)).toEqual(['submit_findings']);
  });

  it('when it is reached and the model calls all the same, then the call is not made', () => {
    const { play, last } = searched({ toolCalls: 1 }, passage(1));
    const [rejected] = only(play.answer(last, searches('more')), 'answer.rejected');
    expect(rejected?.body.complaint).toContain('No more tool calls are allowed.');
  });
});

describe('given results that bring nothing new', () => {
  const barrenThrice = () => {
    const play = new Play();
    play.answer(assigned(), searches('a'));
    play.answer(returned('c1'), searches('b'));
    play.answer(denied('c2'), searches('c'));
    return play;
  };

  it('when the third in a row comes in, then only the findings may still be handed in', () => {
    expect(callable(barrenThrice(), returned('c3'))).toEqual(['submit_findings']);
  });

  it('when one in between brings evidence, then the count starts again', () => {
    expect(callable(barrenThrice(), returned('c3', passage(1)))).toContain('search_documents');
  });

  it('when a result brings a passage that is known already, then that is nothing new', () => {
    const play = new Play();
    play.answer(assigned(), searches('a'));
    play.answer(returned('c1', passage(1)), searches('b'));
    play.answer(returned('c2', passage(1)), searches('c'));
    play.answer(returned('c3', passage(1)), searches('d'));
    expect(callable(play, returned('c4', passage(1)))).toEqual(['submit_findings']);
  });
});

describe('a claim', () => {
  const claim = (startLine: number, endLine: number, path = 'a.md') => ({
    claims: [{ text: 'It is so.', source: { path, startLine, endLine } }],
    gaps: [],
  });

  it('cites the smallest passage that holds its lines, whole and with its seal, and says which lines it means', () => {
    const whole = { ...passage(1, 9), text: 'whole\n'.repeat(9) };
    expect(findingsFrom(claim(3, 4), [whole, passage(3, 5)]).findings.claims[0]?.source).toEqual({
      ...passage(3, 5),
      lines: { startLine: 3, endLine: 4 },
    });
    expect(findingsFrom(claim(3, 5), [whole, passage(3, 5)]).findings.claims[0]?.source).toEqual(passage(3, 5));
  });

  it.each([
    ['starts before the passage', 1, 4, 'a.md'],
    ['ends behind it', 3, 9, 'a.md'],
    ['turns its lines around', 5, 4, 'a.md'],
    ['names another document', 3, 4, 'b.md'],
    ['names the document by another path', 3, 4, './a.md'],
  ])('that %s is left out', (_what, startLine, endLine, path) => {
    const { findings, unsupported } = findingsFrom(claim(startLine, endLine, path), [passage(3, 5)]);
    expect(findings.claims).toEqual([]);
    expect(unsupported).toBe(1);
  });

  it('may be left out beside as many gaps as may be, and the list of gaps still fits', () => {
    const gaps = Array.from({ length: 24 }, (_, index) => `gap ${index} ${'x'.repeat(3_900)}`);
    const { findings } = findingsFrom({ ...claim(1, 1), gaps }, []);
    expect(Findings.parse(findings).gaps.at(-1)).toContain('1 claim(s) were left out');
  });

  it('that would make the findings too large is left out, and the list of gaps says so', () => {
    const { claims } = claim(3, 4);
    const many = Array.from({ length: 24 }, () => ({ ...claims[0], text: 'ü'.repeat(1_000) }));
    const submission = { claims: many.flatMap(({ text, source }) => (source ? [{ text, source }] : [])), gaps: [] };
    const { findings } = findingsFrom(submission, [passage(3, 5)]);
    expect(Buffer.byteLength(JSON.stringify(findings.claims))).toBeLessThanOrEqual(FINDINGS_BYTES_MAX + 100);
    expect(findings.claims.length).toBeGreaterThan(0);
    expect(findings.gaps).toEqual([expect.stringContaining('the findings would be too large')]);
  });
});
