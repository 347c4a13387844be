import { describe, expect, it } from 'vitest';
import {
  answered,
  assigned,
  backToItself,
  broken,
  cites,
  denied,
  down,
  handedIn,
  only,
  passage,
  Play,
  returned,
  searched,
  searches,
  submits,
  WARRANT,
} from './play.fixture.ts';

describe('given a task', () => {
  it('when it is assigned, then the question offers its tools and the way to hand in, and must be answered by a call', () => {
    const question = new Play().question(assigned());
    expect(question.tools.map(({ name }) => name)).toEqual(['search_documents', 'read_document', 'submit_findings']);
    expect(question.mustCall).toBe(true);
    expect(question.deadlineAt).toBe(601_000);
  });

  it('when it is assigned a second time, then that is only noted', () => {
    const { play } = searched();
    expect(play.take(assigned({}, 1))).toEqual([]);
  });

  it('when the model calls tools, then each call goes to the guard under an ID of its own, marked as from outside', () => {
    const outputs = new Play().answer(assigned(), searches('storms', 'refunds'));
    expect(outputs.map(({ to, integrity }) => [to, integrity])).toEqual([
      ['policy-guard', 'outside'],
      ['policy-guard', 'outside'],
    ]);
    expect(only(outputs, 'tool.requested').map(({ body }) => body)).toMatchObject([
      { call: 'c1', modelCall: 'm0', tool: 'search_documents', arguments: { query: 'storms' } },
      { call: 'c2', modelCall: 'm1', tool: 'search_documents', arguments: { query: 'refunds' } },
    ]);
  });

  it('when it is done, then everything later is only noted', () => {
    const { play, last } = searched({}, passage(1, 5));
    play.answer(last, cites(2, 3));
    expect(play.state.status).toBe('done');
    expect(play.take(returned('c2', passage(7)))).toEqual([]);
    expect(play.take(assigned({}, 1))).toEqual([]);
  });
});

describe('given a task that may use tools', () => {
  it('when calls are made, then each carries the supervisor’s warrant for the task, so that the guard can grant it', () => {
    const requests = only(new Play().answer(assigned(), searches('storms', 'refunds')), 'tool.requested');
    expect(requests.map(({ body }) => body.warrant)).toEqual([WARRANT, WARRANT]);
  });
});

describe('given two calls under way', () => {
  const two = () => {
    const play = new Play();
    play.answer(assigned(), searches('storms', 'refunds'));
    return play;
  };

  it('when one is answered, then nothing is asked yet; when both are, then one question holds both results', () => {
    const play = two();
    expect(play.take(returned('c2', passage(4)))).toEqual([]);
    const { turns } = play.question(returned('c1', passage(1)));
    expect(turns.map((turn) => (turn.role === 'tool' ? turn.callId : turn.role))).toEqual([
      'user',
      'assistant',
      'm0',
      'm1',
    ]);
  });

  it('when one is denied and one fails, then the model is told both and asked on', () => {
    const play = two();
    play.take(denied('c1'));
    const { turns } = play.question(broken('c2'));
    expect(turns.flatMap((turn) => (turn.role === 'tool' ? [[turn.text, turn.failed]] : []))).toEqual([
      ['Denied: No rule allows it.', true],
      ['timeout: too slow', true],
    ]);
  });

  it('when a result comes twice, or for a call that was never made, then it is only noted and no evidence is taken in', () => {
    const play = two();
    play.take(returned('c1', passage(1)));
    const before = play.state;
    expect(play.take(returned('c1', passage(8)))).toEqual([]);
    expect(play.take(returned('c9', passage(9)))).toEqual([]);
    expect(play.state).toEqual(before);
  });
});

describe('given findings handed in', () => {
  it('when all claims cite what a tool returned, then they are completed with the sealed passage and the lines that they cite', () => {
    const { play, last } = searched({}, passage(1, 5));
    const findings = handedIn(play.answer(last, cites(2, 3)));
    expect(findings.claims).toEqual([
      { text: 'It is so.', source: { ...passage(1, 5), lines: { startLine: 2, endLine: 3 } } },
    ]);
    expect(findings).toMatchObject({
      gaps: [],
      shortfall: undefined,
      spent: { tokens: 200, modelCalls: 2, toolCalls: 1 },
    });
  });

  it('when they are completed, then they count as from outside', () => {
    const { play, last } = searched({}, passage(1, 5));
    expect(play.answer(last, cites(2, 3))[0]).toMatchObject({ to: 'supervisor', integrity: 'outside' });
  });

  it('when some claims cite what no tool returned, then those are left out and the gap says so', () => {
    const { play, last } = searched({}, passage(1, 5));
    const source = { path: 'a.md', startLine: 1, endLine: 2 };
    const made = { path: 'made-up.md', startLine: 1, endLine: 2 };
    const claims = [
      { text: 'Held.', source },
      { text: 'Made up.', source: made },
    ];
    const findings = handedIn(play.answer(last, submits(claims, ['No prices.'])));
    expect(findings.claims.map(({ text }) => text)).toEqual(['Held.']);
    expect(findings.gaps).toEqual(['No prices.', '1 claim(s) were left out: their sources could not be resolved.']);
  });

  it('when no claim holds, then it is sent back twice and then completed without claims', () => {
    const { play, last } = searched({}, passage(1, 5));
    const [rejected] = only(play.answer(last, cites(80, 90)), 'answer.rejected');
    expect(rejected).toMatchObject({ to: 'researcher', body: { complaint: expect.stringContaining('None of your') } });
    only(play.answer(backToItself(1), cites(80, 90)), 'answer.rejected');
    expect(handedIn(play.answer(backToItself(2), cites(80, 90))).claims).toEqual([]);
  });

  it('when there are no claims but gaps, then that is an answer', () => {
    const { play, last } = searched();
    expect(handedIn(play.answer(last, submits([], ['Nothing on storms.']))).gaps).toEqual(['Nothing on storms.']);
  });
});

describe('given an answer that cannot be used', () => {
  it('when it is not a call, then it is sent back at most twice, and then the task fails', () => {
    const play = new Play();
    only(play.answer(assigned(), answered([])), 'answer.rejected');
    only(play.answer(backToItself(1), answered([])), 'answer.rejected');
    const [failure] = only(play.answer(backToItself(2), answered([])), 'task.failed');
    expect(failure?.body.reason).toContain('could not be used');
    expect(failure?.body.spent).toMatchObject({ tokens: 300, modelCalls: 3 });
  });

  it('when the question is asked again, then the model sees its answer and what is wrong with it', () => {
    const play = new Play();
    play.answer(assigned(), submits([{ text: '', source: {} }]));
    const { turns } = play.question(backToItself(1));
    expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(turns.at(-1)?.text).toBe('Not like that.');
  });

  it('when a call repeats one that was made, then it is not made again, and at the third time the work is handed in', () => {
    const { play, last } = searched({}, passage(1));
    const [rejected] = only(play.answer(last, searches('storms')), 'answer.rejected');
    expect(rejected?.body.complaint).toContain('You repeated calls');
    play.answer(backToItself(1), searches('storms'));
    const outputs = play.answer(backToItself(2), searches('storms'));
    expect(handedIn(outputs).shortfall).toBe('the model made no progress');
    // The answer that ended it was paid too.
    expect(only(outputs, 'task.completed')[0]?.body.spent).toMatchObject({ tokens: 400, modelCalls: 4 });
  });

  it('when one of two calls repeats an earlier one, or the other, then only the new one is made', () => {
    const { play, last } = searched({}, passage(1));
    const requests = only(play.answer(last, searches('storms', 'refunds', 'refunds')), 'tool.requested');
    expect(requests.map(({ body }) => [body.call, body.arguments])).toEqual([['c2', { query: 'refunds' }]]);
  });

  it('when the explanation of the model’s side is as long as may be, then what is written still fits its schema', () => {
    const message = 'x'.repeat(8_000);
    const written = (kind: 'malformed' | 'rejected') => new Play().answer(assigned(), { ok: false, kind, message });
    expect(only(written('malformed'), 'answer.rejected')).toHaveLength(1);
    expect(only(written('rejected'), 'task.failed')).toHaveLength(1);
  });
});

describe('given a model that cannot be reached', () => {
  it('when there is no evidence yet, then the task fails and says why', () => {
    const [failure] = only(new Play().answer(assigned(), down), 'task.failed');
    expect(failure?.body).toMatchObject({
      reason: 'the model did not answer (unavailable): connection refused',
      spent: { tokens: 0, modelCalls: 1 },
    });
  });

  it('when there is evidence, then the work is handed in with a gap, and no claim is made up from it', () => {
    const { play, last } = searched({}, passage(1));
    const findings = handedIn(play.answer(last, down));
    expect(findings.claims).toEqual([]);
    expect(findings.gaps[0]).toContain('Not researched to the end: the model did not answer');
    expect(findings.shortfall).toContain('unavailable');
  });
});
