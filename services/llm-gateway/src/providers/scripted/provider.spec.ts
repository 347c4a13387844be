import {
  Answer,
  DraftSubmission,
  FindingsSubmission,
  PlanSubmission,
  ReviewSubmission,
  SUBMIT_DRAFT,
  SUBMIT_FINDINGS,
  SUBMIT_PLAN,
  SUBMIT_REVIEW,
} from '@troupe/contract';
import type { Question, ToolOffer, Turn } from '@troupe/contract';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { questionOf, SEARCH } from '../question.fixture.ts';
import { delayOf, scriptedProvider } from './provider.ts';

const NOTE: ToolOffer = { ...SEARCH, name: 'append_note' };
const never = new AbortController().signal;
const research = { goal: 'Explain the log.', title: 't', instructions: 'i' };
const source = { number: 4, path: 'a.md', startLine: 1, endLine: 2, text: 'The log is durable.' };
const write = {
  goal: 'g',
  title: 't',
  instructions: 'i',
  claims: [{ text: 'c', source: 4 }],
  sources: [source],
  gaps: [],
};

async function callFor(data: object, tools: ToolOffer[], more: Turn[] = []) {
  const turns: Turn[] = [{ role: 'user', text: 'Go.' }, ...more];
  const answer = await scriptedProvider({}).ask(questionOf({ facts: { ...data }, turns, tools }), never);
  expect(Answer.parse(answer)).toMatchObject({ ok: true, provider: 'scripted', model: 'scripted', costUsd: 0 });
  return answer.ok ? answer.toolCalls[0] : undefined;
}

function returned(name: string, text: string): Turn[] {
  return [
    { role: 'assistant', text: '', toolCalls: [{ id: 'c', name, arguments: {} }] },
    { role: 'tool', callId: 'c', name, text, failed: false },
  ];
}

afterEach(() => {
  vi.useRealTimers();
});

describe('scripted provider', () => {
  it('plans two research tasks and a writer that needs both', async () => {
    const call = await callFor({ goal: 'g', roles: [], tasksMax: 12 }, [SUBMIT_PLAN]);
    expect(PlanSubmission.parse(call?.arguments).tasks).toMatchObject([
      { id: 'r1', role: 'researcher', dependsOn: [] },
      { id: 'r2', role: 'researcher', dependsOn: [] },
      { id: 'w1', role: 'writer', dependsOn: ['r1', 'r2'] },
    ]);
  });

  it('searches once and then cites the first passage returned', async () => {
    const tools = [SEARCH, NOTE, SUBMIT_FINDINGS];
    expect(await callFor(research, tools)).toMatchObject({
      name: 'search_documents',
      arguments: { query: 'durable log' },
    });
    const { number: _, ...passage } = source;
    const found = returned('search_documents', JSON.stringify({ results: [passage], total: 1 }));
    const call = await callFor(research, tools, found);
    expect(FindingsSubmission.parse(call?.arguments)).toEqual({
      claims: [{ text: 'The log is durable.', source: { path: 'a.md', startLine: 1, endLine: 2 } }],
      gaps: [],
    });
  });

  it('hands in a gap when no passage came back, and when there is no tool to call', async () => {
    const empty = { claims: [], gaps: [expect.any(String)] };
    const call = await callFor(research, [SEARCH, SUBMIT_FINDINGS], returned('search_documents', 'denied'));
    expect(FindingsSubmission.parse(call?.arguments)).toEqual(empty);
    expect((await callFor(research, [SUBMIT_FINDINGS]))?.arguments).toEqual(empty);
  });

  it('appends a note with the question ID when the goal starts with "note:"', async () => {
    const call = await callFor({ ...research, goal: 'note: keep this' }, [SEARCH, NOTE, SUBMIT_FINDINGS]);
    expect(call).toMatchObject({ name: 'append_note', arguments: { text: questionOf().id } });
  });

  it('drafts two sentences that cite the first claim, or says that there is nothing to cite', async () => {
    const draft = DraftSubmission.parse((await callFor(write, [SUBMIT_DRAFT]))?.arguments);
    expect(draft.markdown.match(/\[4\]\./g)).toHaveLength(2);
    const none = DraftSubmission.parse((await callFor({ ...write, claims: [] }, [SUBMIT_DRAFT]))?.arguments);
    expect(none.markdown).not.toMatch(/\[\d+\]/);
  });

  it('asks for one revision and accepts the next draft', async () => {
    const data = { goal: 'g', draft: 'd', sources: [], gaps: [], problems: [], round: 1 };
    const first = ReviewSubmission.parse((await callFor(data, [SUBMIT_REVIEW]))?.arguments);
    expect(first.verdict).toBe('revise');
    const second = ReviewSubmission.parse((await callFor({ ...data, round: 2 }, [SUBMIT_REVIEW]))?.arguments);
    expect(second).toEqual({ verdict: 'accept', reasons: [] });
  });

  it('answers a question of another kind with a word', async () => {
    expect(await callFor({}, [SEARCH])).toBeUndefined();
  });

  it('sets no timer without a latency', async () => {
    vi.useFakeTimers();
    await scriptedProvider({}).ask(questionOf(), never);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('answers after its latency and not before', async () => {
    vi.useFakeTimers();
    let isAnswered = false;
    const answer = scriptedProvider({ latencyMs: 100 }).ask(questionOf(), never);
    void answer.then(() => (isAnswered = true));
    await vi.advanceTimersByTimeAsync(99);
    expect(isAnswered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isAnswered).toBe(true);
  });

  it('answers timeout when it is aborted before or while it waits, and leaves no timer', async () => {
    vi.useFakeTimers();
    const abort = new AbortController();
    const answer = scriptedProvider({ latencyMs: 100 }).ask(questionOf(), abort.signal);
    abort.abort();
    expect(await answer).toMatchObject({ ok: false, kind: 'timeout' });
    expect(vi.getTimerCount()).toBe(0);
    expect(await scriptedProvider({}).ask(questionOf(), abort.signal)).toMatchObject({ ok: false, kind: 'timeout' });
  });

  it('answers timeout after the time of the question when the latency is longer', async () => {
    vi.useFakeTimers();
    const answer = scriptedProvider({ latencyMs: 1_000 }).ask(questionOf({ timeoutMs: 10 }), never);
    await vi.advanceTimersByTimeAsync(10);
    expect(await answer).toMatchObject({ ok: false, kind: 'timeout' });
  });

  it('spreads the jitter over its range, the same for the same question', () => {
    const ids = Array.from({ length: 200 }, (_, n): Question['id'] => `run/r1/${n}`);
    const delays = ids.map((id) => delayOf(id, 50, 20));
    expect(delays).toEqual(ids.map((id) => delayOf(id, 50, 20)));
    expect(Math.min(...delays)).toBe(50);
    expect(Math.max(...delays)).toBe(69);
    expect(delayOf('any', 50, 0)).toBe(50);
  });
});
