import type { Answer, Budget, Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accepts, answered } from './one-answer.fixture.ts';
import { citedNumbers, renumber } from './citations.ts';
import { estimateTokens, questionWithin } from './question.ts';
import { readAnswer } from './read-answer.ts';
import { addSpent, costOf, NOTHING_SPENT, tokensLeft } from './spending.ts';
import { completeTurns, turnOf } from './transcript.ts';

describe('what was spent', () => {
  const some = { tokens: 10, costUsd: 0.5, modelCalls: 1, toolCalls: 2 };

  it('adds up', () => {
    expect(addSpent(some, some)).toEqual({ tokens: 20, costUsd: 1, modelCalls: 2, toolCalls: 4 });
    expect(addSpent(NOTHING_SPENT, some)).toEqual(some);
  });

  it('has no known cost when a part of it has none', () => {
    expect(addSpent(some, { ...some, costUsd: null }).costUsd).toBeNull();
    expect(addSpent({ ...some, costUsd: null }, NOTHING_SPENT).costUsd).toBeNull();
  });

  it('counts a question without an answer as a call and nothing else', () => {
    expect(costOf({ ok: false, kind: 'timeout', message: '' })).toEqual({ ...NOTHING_SPENT, modelCalls: 1 });
    expect(costOf(accepts)).toEqual({ tokens: 100, costUsd: 0.01, modelCalls: 1, toolCalls: 0 });
  });

  it('leaves nothing, never less, when it is more than the budget', () => {
    expect(tokensLeft({ tokens: 5, toolCalls: 0, steps: 0, deadlineAt: 0 }, some)).toBe(0);
  });
});

describe('a question within a budget', () => {
  const asked = { tier: 'low' as const, purpose: 'search' as const };
  const prompt = {
    ...asked,
    system: 's'.repeat(400),
    turns: [{ role: 'user' as const, text: 'u'.repeat(400) }],
    tools: [],
  };
  const budget = (tokens: number): Budget => ({ tokens, toolCalls: 0, steps: 1, deadlineAt: 9_000 });

  it('is reckoned at four characters a token', () => {
    expect(estimateTokens(prompt.system, prompt.turns)).toBe(200);
  });

  it('may be answered with what the prompt leaves, up to a bound', () => {
    expect(questionWithin(budget(300), NOTHING_SPENT, prompt)?.outputTokensMax).toBe(100);
    expect(questionWithin(budget(50_000), NOTHING_SPENT, prompt)?.outputTokensMax).toBe(4_096);
    expect(questionWithin(budget(300), NOTHING_SPENT, prompt)?.deadlineAt).toBe(9_000);
  });

  it('is not asked when less than a short answer is left', () => {
    expect(questionWithin(budget(264), NOTHING_SPENT, prompt)?.outputTokensMax).toBe(64);
    expect(questionWithin(budget(263), NOTHING_SPENT, prompt)).toBeUndefined();
    expect(questionWithin(budget(300), { ...NOTHING_SPENT, tokens: 40 }, prompt)).toBeUndefined();
  });
});

describe('an answer', () => {
  const schema = z.object({ verdict: z.string() });
  const read = (answer: Answer) => readAnswer(answer, 'submit_review', schema);

  it('with a submission beside other calls is a submission', () => {
    const calls = [{ id: 'm0', name: 'search', arguments: {} }, ...accepts.toolCalls];
    expect(read({ ...accepts, toolCalls: calls })).toEqual({
      kind: 'submitted',
      value: { verdict: 'accept' },
    });
  });

  it('with calls alone is calls', () => {
    expect(read(answered('search', { q: 1 }))).toMatchObject({ kind: 'calls', calls: [{ name: 'search' }] });
  });

  it('whose submission does not fit says where, at most five times', () => {
    const wide = z.object(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, z.string()])));
    const result = readAnswer(answered('submit_review', {}), 'submit_review', wide);
    expect(result.kind === 'unusable' ? result.complaint.split(';') : []).toHaveLength(5);
  });
});

describe('a conversation', () => {
  const call = (id: string) => ({ id, name: 'search', arguments: {} });
  const assistant = (...ids: string[]): Turn => ({ role: 'assistant', text: '', toolCalls: ids.map(call) });
  const result = (callId: string, text = callId): Turn => ({
    role: 'tool',
    callId,
    name: 'search',
    text,
    failed: false,
  });

  it('has each call answered right behind its turn, in the order of the calls', () => {
    const user: Turn = { role: 'user', text: 'go on' };
    const turns = completeTurns([user, assistant('a', 'b'), result('b'), result('a'), user], 'not run');
    expect(turns).toEqual([user, assistant('a', 'b'), result('a'), result('b'), user]);
  });

  it('has a call that was never run answered as such', () => {
    expect(completeTurns([assistant('a')], 'not run')).toEqual([
      assistant('a'),
      { role: 'tool', callId: 'a', name: 'search', text: 'not run', failed: true },
    ]);
  });

  it('keeps the results of two turns apart when a model gives both calls the same ID', () => {
    const [first, second] = [result('a', 'first'), result('a', 'second')];
    const turns = completeTurns([assistant('a'), first, assistant('a'), second], 'not run');
    expect(turns).toEqual([assistant('a'), first, assistant('a'), second]);
  });

  it('gains no turn from an answer that never came', () => {
    expect(turnOf({ ok: false, kind: 'timeout', message: '' })).toEqual([]);
    expect(turnOf(accepts)).toHaveLength(1);
  });
});

describe('a mark inside another', () => {
  it('is taken out without leaving a new mark that points to no source', () => {
    const source = { path: 'a.md', startLine: 1, endLine: 1, text: '', seal: 'seal' };
    const { markdown, sources } = renumber('One [1]. Two [[9]2].', [source]);
    expect(citedNumbers(markdown).filter((number) => number > sources.length)).toEqual([]);
  });
});
