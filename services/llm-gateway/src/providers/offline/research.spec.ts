import { Answer, FindingsSubmission, SUBMIT_FINDINGS } from '@troupe/contract';
import type { ResearchFacts, ToolCall, ToolOffer, Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { questionOf, SEARCH } from '../question.fixture.ts';
import { linesOf, searchDocuments } from './corpus.fixture.ts';
import { plainText } from './plain-text.ts';
import { offlineProvider } from './provider.ts';

const READ: ToolOffer = { ...SEARCH, name: 'read_document' };
const CALCULATE: ToolOffer = { ...SEARCH, name: 'calculate' };
const ALL = [SEARCH, READ, CALCULATE, SUBMIT_FINDINGS];
const ROUNDS_MAX = 4;

type Tool = (call: ToolCall) => { text: string; failed?: boolean };

async function ask(facts: ResearchFacts, turns: Turn[], tools: ToolOffer[]) {
  const answer = Answer.parse(
    await offlineProvider().ask(questionOf({ facts: { ...facts }, turns, tools }), new AbortController().signal),
  );
  if (!answer.ok) throw new Error(answer.message);
  return answer;
}

/** Plays the researcher: runs the calls until findings come. */
async function research(prompt: Partial<ResearchFacts>, tool: Tool = runTool, tools = ALL) {
  const data = { goal: 'goal', title: 'title', instructions: '', ...prompt };
  const turns: Turn[] = [{ role: 'user', text: 'Research this.' }];
  const calls: ToolCall[] = [];
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { text, toolCalls } = await ask(data, turns, tools);
    const last = toolCalls.find(({ name }) => name === SUBMIT_FINDINGS.name);
    if (last) return { ...FindingsSubmission.parse(last.arguments), calls, turns, submit: last };
    calls.push(...toolCalls);
    turns.push({ role: 'assistant', text, toolCalls });
    for (const call of toolCalls) {
      const { text: result, failed = false } = tool(call);
      turns.push({ role: 'tool', callId: call.id, name: call.name, text: result, failed });
    }
  }
  throw new Error('no findings after three rounds of calls');
}

function runTool({ name, arguments: args }: ToolCall): ReturnType<Tool> {
  if (name === 'search_documents') return { text: searchDocuments(String(args.query)) };
  if (name === 'calculate') return { text: JSON.stringify({ expression: args.expression, value: 84 }) };
  return { text: 'there is no such document', failed: true };
}

const DURABLE = { goal: 'How does an agent recover its state after a crash?', title: 'agent state after a crash' };

describe('offline research', () => {
  it('answers from the documents, each claim standing in the lines that it cites', async () => {
    const { claims } = await research(DURABLE);
    expect(claims.map(({ text }) => text)).toContain(
      'After a crash the state of an agent is rebuilt by folding the log again.',
    );
    for (const { text, source } of claims) {
      const cited = linesOf(source.path)
        .slice(source.startLine - 1, source.endLine)
        .join(' ');
      expect(plainText(cited)).toContain(text);
      expect(source.endLine - source.startLine).toBeLessThan(3);
    }
  });

  it('cites narrower lines than the passage that a tool returned', async () => {
    const { claims } = await research({ goal: 'Is the grant bound to a digest?', title: 'digest of a grant approval' });
    expect(claims[0]).toEqual({
      text: "A human's approval is bound to the same digest as the grant.",
      source: { path: 'guard/grants.md', startLine: 7, endLine: 7 },
    });
  });

  it('gives the same answers, IDs included, when it is asked again', async () => {
    expect(await research(DURABLE)).toEqual(await research(DURABLE));
  });

  it.each([
    'What is the boiling point of tungsten?',
    'Who founded the company?',
    'How much does a Kubernetes licence cost?',
  ])('claims nothing and names the gap when the documents do not answer: %s', async (goal) => {
    const { claims, gaps } = await research({ goal, title: goal });
    expect(claims).toEqual([]);
    expect(gaps).toEqual([`The documents that were searched do not answer this: ${goal.slice(0, -1)}.`]);
  });

  it('names the words of its task that no document has', async () => {
    const { claims, gaps } = await research({
      goal: 'How are grants signed and revoked?',
      title: 'grants signed and revoked',
    });
    expect(claims).not.toEqual([]);
    expect(gaps.join()).toContain('do not mention: revoked');
  });

  it('searches for the words of the task, then of the goal, and never for the same twice', async () => {
    const { calls } = await research({
      goal: 'Explain grants, and how the canteen serves soup.',
      title: 'signed grants',
    });
    expect(calls[0]).toMatchObject({
      name: 'search_documents',
      arguments: { query: expect.stringMatching(/^signed grants/) },
    });
    expect(new Set(calls.map((call) => JSON.stringify(call.arguments))).size).toBe(calls.length);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  });

  it('searches again for the words that the first search did not find', async () => {
    const { calls } = await research({ goal: 'tungsten grants', title: 'tungsten grants' });
    expect(calls.map(({ arguments: args }) => args)).toEqual([{ query: 'tungsten grants' }, { query: 'tungsten' }]);
  });

  it('reads around the best passage when that was cut, and cites only what may be cited', async () => {
    const cut = {
      path: 'a.md',
      startLine: 40,
      endLine: 40,
      text: 'The mailbox parses every message once. Past that point everything is',
    };
    const tool: Tool = ({ name }) => {
      if (name === 'search_documents') return { text: JSON.stringify({ results: [cut], total: 1 }) };
      const text =
        '39: before\n40: The mailbox parses every message once. Past that point everything is\n41: typed by the mailbox and nothing needs parsing.';
      const passages = [{ startLine: 40, endLine: 41 }];
      return { text: JSON.stringify({ path: 'a.md', startLine: 39, endLine: 41, text, passages }) };
    };
    const { calls, claims } = await research({ goal: 'mailbox parsing', title: 'mailbox parsing' }, tool);
    expect(calls.at(-1)).toMatchObject({
      name: 'read_document',
      arguments: { path: 'a.md', startLine: 30, endLine: 60 },
    });
    expect(claims).toContainEqual({
      text: 'Past that point everything is typed by the mailbox and nothing needs parsing.',
      source: { path: 'a.md', startLine: 40, endLine: 41 },
    });
  });

  it('calculates what the goal asks for and says that no document said it', async () => {
    const { calls, gaps } = await research({ goal: 'What is 12 * (3 + 4) grants?', title: 'grants' });
    expect(calls).toContainEqual(
      expect.objectContaining({ name: 'calculate', arguments: { expression: '12 * (3 + 4)' } }),
    );
    expect(gaps).toContain('Calculated, not taken from the documents: 12 * (3 + 4) = 84.');
  });

  it('stays within three rounds of calls and calls only what is offered', async () => {
    const { turns } = await research({ ...DURABLE, title: 'tungsten crash' }, () => ({ text: 'denied', failed: true }));
    expect(turns.filter(({ role }) => role === 'assistant').length).toBeLessThanOrEqual(3);
    expect((await research(DURABLE, runTool, [SUBMIT_FINDINGS])).calls).toEqual([]);
  });

  it('cites whole passages once its findings were refused, and then claims nothing', async () => {
    const asked = { goal: 'digest of a grant approval', title: 'digest of a grant approval', instructions: '' };
    const { turns, submit } = await research(asked);
    const refusal: Turn[] = [
      { role: 'assistant', text: '', toolCalls: [submit] },
      { role: 'tool', callId: submit.id, name: submit.name, text: 'not a passage that a tool returned', failed: true },
    ];
    const again = await ask(asked, [...turns, ...refusal], ALL);
    expect(FindingsSubmission.parse(again.toolCalls[0]?.arguments).claims[0]?.source).toEqual({
      path: 'guard/grants.md',
      startLine: 7,
      endLine: 8,
    });
    const third = await ask(asked, [...turns, ...refusal, ...refusal], ALL);
    expect(FindingsSubmission.parse(third.toolCalls[0]?.arguments)).toMatchObject({
      claims: [],
      gaps: [expect.any(String)],
    });
  });
});
