import { Answer, SUBMIT_DRAFT, SUBMIT_FINDINGS, SUBMIT_PLAN, SUBMIT_REVIEW } from '@troupe/contract';
import type { Question, ToolOffer } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { questionOf } from '../question.fixture.ts';
import { offlineProvider } from './provider.ts';

const never = new AbortController().signal;

async function ask(different: Partial<Question>) {
  const answer = Answer.parse(await offlineProvider().ask(questionOf(different), never));
  if (!answer.ok) throw new Error(answer.message);
  return answer;
}

function submitTool(parameters: Record<string, unknown>): ToolOffer {
  return {
    name: 'submit_translation',
    description: 'Hand in the translation.',
    parameters: { type: 'object', ...parameters },
  };
}

const DRAFT = 'The log is kept on disk. It is never purged. Agents fold it.';
const turns = [{ role: 'user' as const, text: 'Translate this.' }];
const facts = { text: DRAFT };

describe('offline provider', () => {
  it.each([
    [SUBMIT_PLAN, { goal: 'Explain logs.', roles: [{ name: 'writer', description: 'Writes.' }], tasksMax: 4 }],
    [SUBMIT_FINDINGS, { goal: 'g', title: 't', instructions: 'i' }],
    [SUBMIT_DRAFT, { goal: 'g', title: 't', instructions: 'i', claims: [], sources: [], gaps: [] }],
    [SUBMIT_REVIEW, { goal: 'g', draft: 'd', sources: [], gaps: [], problems: [], round: 1 }],
  ])('hands in its work by $name', async (tool, data) => {
    const answer = await ask({ facts: data, tools: [tool] });
    expect(answer).toMatchObject({ provider: 'offline', model: 'offline-extractive-1', stop: 'tools', costUsd: 0 });
    expect(answer.toolCalls.map(({ name }) => name)).toEqual([tool.name]);
  });

  it('fills an unknown submission with an extract of the text given, and says that it is one', async () => {
    const parameters = {
      properties: {
        markdown: { type: 'string' },
        language: { enum: ['de', 'fr'] },
        notes: { type: 'array' },
        title: { type: 'string' },
      },
      required: ['markdown', 'language', 'notes'],
    };
    const answer = await ask({ turns, facts, tools: [submitTool(parameters)] });
    expect(answer.toolCalls).toMatchObject([
      { name: 'submit_translation', arguments: { markdown: DRAFT, language: 'de', notes: [] } },
    ]);
    expect(answer.toolCalls[0]?.arguments).not.toHaveProperty('title');
    expect(answer.text).toContain('No model is configured');
  });

  it.each([
    { properties: { ids: { type: 'array', minItems: 1 } }, required: ['ids'] },
    { properties: { id: { type: 'string', pattern: '^[0-9]+$' } }, required: ['id'] },
    { properties: {}, required: ['nowhere'] },
    { properties: { deep: { $ref: '#/definitions/deep' } }, required: ['deep'] },
  ])('answers in words rather than hand in what it cannot fill: %j', async (parameters) => {
    const answer = await ask({ turns, facts, tools: [submitTool(parameters)] });
    expect(answer).toMatchObject({
      toolCalls: [],
      stop: 'end',
      text: expect.stringContaining('The log is kept on disk.'),
    });
  });

  it('keeps a filled text within the length that the schema allows', async () => {
    const parameters = { properties: { line: { type: 'string', maxLength: 10 } }, required: ['line'] };
    expect((await ask({ turns, facts, tools: [submitTool(parameters)] })).toolCalls[0]?.arguments).toEqual({
      line: DRAFT.slice(0, 10),
    });
  });

  it('takes the words of the last user turn when there are no data', async () => {
    const answer = await ask({
      turns: [{ role: 'user', text: 'Say what a log is. Be brief.' }],
      tools: [],
      mustCall: false,
    });
    expect(answer.text).toContain('Say what a log is. Be brief.');
  });

  it('answers in words when the data are not what the submission goes with', async () => {
    const answer = await ask({ turns: [{ role: 'user', text: '```json\n{broken\n```' }], tools: [SUBMIT_PLAN] });
    expect(answer).toMatchObject({ toolCalls: [], stop: 'end' });
  });

  it('estimates one token per four characters of what is read and written', async () => {
    const question = { system: 'abcd', turns: [{ role: 'user' as const, text: 'abcde' }], tools: [], mustCall: false };
    const { text, usage } = await ask(question);
    expect(usage).toEqual({ inputTokens: 3, outputTokens: Math.ceil(text.length / 4) });
  });

  it('gives calls of different turns of one question different IDs', async () => {
    const go = { role: 'user' as const, text: 'Go.' };
    const about = { goal: 'logs', title: 'logs', instructions: '' };
    const first = await ask({ facts: about, turns: [go] });
    const later = await ask({ facts: about, turns: [go, { role: 'assistant', text: '', toolCalls: first.toolCalls }] });
    expect(later.toolCalls[0]?.id).not.toBe(first.toolCalls[0]?.id);
  });

  it('answers timeout when it is aborted already', async () => {
    const answer = await offlineProvider().ask(questionOf(), AbortSignal.abort());
    expect(answer).toMatchObject({ ok: false, kind: 'timeout' });
  });
});
