import type { Answer, Question } from '@troupe/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { questionOf, TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { openAiProvider } from './provider.ts';
import { OPENAI_KEY, startOpenAiServer } from './protocol-server.fixture.ts';
import type { OpenAiServer, Step } from './protocol-server.fixture.ts';

const servers: OpenAiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function given(...steps: Step[]) {
  const server = await startOpenAiServer(steps);
  servers.push(server);
  const ask = (question: Question, { apiKey = OPENAI_KEY, signal = new AbortController().signal } = {}) =>
    openAiProvider({ apiKey, baseUrl: server.baseUrl, model: 'test-model' }).ask(question, signal);
  return { server, ask };
}

function call(id: string, name: string, args: object) {
  return { completion: { calls: [{ id, name, arguments: JSON.stringify(args) }] } };
}

function failed(answer: Answer) {
  expect(answer.ok).toBe(false);
  if (answer.ok) throw new Error('answered');
  expect(answer.message).not.toContain(OPENAI_KEY);
  return answer;
}

describe('openai provider', () => {
  it('carries a conversation from the first call over its result to the submission', async () => {
    const submission = { claims: [], gaps: ['nothing'] };
    const { server, ask } = await given(
      call('call_1', 'search_documents', { query: 'log' }),
      call('call_2', 'submit_findings', submission),
    );

    const first = await ask(questionOf());
    expect(first).toEqual({
      ok: true,
      provider: 'openai',
      model: 'test-model-2026-01-01',
      text: '',
      toolCalls: [{ id: 'call_1', name: 'search_documents', arguments: { query: 'log' } }],
      stop: 'tools',
      usage: { inputTokens: 101, outputTokens: 23 },
      costUsd: null,
    });
    if (!first.ok) throw new Error(first.message);
    const second = await ask(
      questionOf({
        turns: [
          { role: 'user', text: 'What keeps the log?' },
          { role: 'assistant', text: '', toolCalls: first.toolCalls },
          { role: 'tool', callId: 'call_1', name: 'search_documents', text: '{"results":[]}', failed: false },
        ],
      }),
    );
    expect(second).toMatchObject({ ok: true, toolCalls: [{ name: 'submit_findings', arguments: submission }] });
    expect(server.requests.map(({ body }) => body)).toMatchObject([
      { model: 'test-model', tool_choice: 'required', max_tokens: 2_000 },
      {
        messages: [
          { role: 'system' },
          { role: 'user' },
          { role: 'assistant' },
          { role: 'tool', tool_call_id: 'call_1' },
        ],
      },
    ]);
  });

  it('sends the results of parallel calls as messages of their own and says which one failed', async () => {
    const { server, ask } = await given({ completion: { text: 'done' } });
    const turns = [...questionOf().turns, ...TWO_CALLS_ANSWERED];
    expect(await ask(questionOf({ turns, mustCall: false }))).toMatchObject({ ok: true, text: 'done', stop: 'end' });
    expect(server.requests[0]?.body).toMatchObject({
      tool_choice: 'auto',
      messages: [
        {},
        {},
        { tool_calls: [{ id: 'call_a' }, { id: 'call_b' }] },
        { tool_call_id: 'call_a' },
        { content: 'Failed: denied' },
      ],
    });
  });

  it('offers no tools and no choice of one when the question has none', async () => {
    const { server, ask } = await given({ completion: { text: 'hello' } });
    await ask(questionOf({ tools: [], mustCall: false, system: '' }));
    expect(Object.keys(server.requests[0]?.body ?? {}).toSorted()).toEqual(['max_tokens', 'messages', 'model']);
  });

  it.each([
    ['length', { text: 'half', finish: 'length' as const }],
    ['refusal', { finish: 'content_filter' as const }],
    ['refusal', { refusal: 'I will not.' }],
    ['end', { text: 'done' }],
  ])('says that an answer stopped by %s: %j', async (stop, completion) => {
    const { ask } = await given({ completion });
    expect(await ask(questionOf())).toMatchObject({ ok: true, stop });
  });

  it.each(['{"query":', '[1]', '"log"', 'null'])('answers malformed when a call has the arguments %s', async (json) => {
    const { ask } = await given({ completion: { calls: [{ id: 'c', name: 'search_documents', arguments: json }] } });
    const answer = failed(await ask(questionOf()));
    expect(answer).toMatchObject({ kind: 'malformed', message: expect.stringContaining('"search_documents"') });
  });

  it('says that broken arguments were cut off at the output limit', async () => {
    const calls = [{ id: 'c', name: 'search_documents', arguments: '{"query": "lo' }];
    const { ask } = await given({ completion: { calls, finish: 'length' } });
    expect(failed(await ask(questionOf())).message).toContain('cut off at its output limit');
  });

  it('takes empty arguments for none', async () => {
    const { ask } = await given({ completion: { calls: [{ id: 'c', name: 'list_documents', arguments: '' }] } });
    expect(await ask(questionOf())).toMatchObject({ toolCalls: [{ arguments: {} }] });
  });

  it.each(['{"choices":[]}', '{"object":"list"}', 'not JSON'])('answers malformed when the body is %s', async (raw) => {
    const { ask } = await given({ raw });
    expect(failed(await ask(questionOf())).kind).toBe('malformed');
  });

  it('answers malformed when there are more calls than an answer may hold', async () => {
    const calls = Array.from({ length: 9 }, (_, n) => ({ id: `c${n}`, name: 'search_documents', arguments: '{}' }));
    const { ask } = await given({ completion: { calls } });
    expect(failed(await ask(questionOf())).kind).toBe('malformed');
  });

  it('estimates the usage that a server does not tell', async () => {
    const { ask } = await given({
      raw: JSON.stringify({ choices: [{ message: { content: 'four' }, finish_reason: 'stop' }] }),
    });
    expect(await ask(questionOf())).toMatchObject({ model: 'test-model', usage: { outputTokens: 1 } });
  });

  it.each([429, 500, 503])('asks again after a %i and answers', async (status) => {
    const { server, ask } = await given({ error: status }, { completion: { text: 'at last' } });
    expect(await ask(questionOf())).toMatchObject({ ok: true, text: 'at last' });
    expect(server.requests).toHaveLength(2);
  });

  it.each([429, 500])('gives up as unavailable after two retries of a %i', async (status) => {
    const { server, ask } = await given({ error: status }, { error: status }, { error: status });
    expect(failed(await ask(questionOf())).kind).toBe('unavailable');
    expect(server.requests).toHaveLength(3);
  });

  it.each([400, 403, 404])('answers rejected to a %i without a retry', async (status) => {
    const { server, ask } = await given({ error: status, message: 'no such thing' });
    expect(failed(await ask(questionOf()))).toMatchObject({ kind: 'rejected', message: `${status} no such thing` });
    expect(server.requests).toHaveLength(1);
  });

  it('keeps the key out of the message when the server quotes it', async () => {
    const { ask } = await given();
    const apiKey = 'a-key-of-unusual-shape';
    const answer = failed(await ask(questionOf(), { apiKey }));
    expect(answer).toMatchObject({ kind: 'rejected', message: expect.stringContaining('[redacted]') });
    expect(answer.message).not.toContain(apiKey);
  });

  it('answers rejected when the server finds the conversation out of order', async () => {
    const { ask } = await given({ completion: { text: 'never' } });
    const turns = [...questionOf().turns, ...TWO_CALLS_ANSWERED.slice(0, 2)];
    expect(failed(await ask(questionOf({ turns })))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('call_b'),
    });
  });

  it('answers timeout when it is aborted while the server hangs', async () => {
    const { server, ask } = await given('hang');
    const abort = new AbortController();
    const answer = ask(questionOf(), { signal: abort.signal });
    await server.received();
    abort.abort();
    expect(failed(await answer)).toMatchObject({ kind: 'timeout', message: 'the question was aborted' });
  });

  it('answers timeout when the time of the question is over', async () => {
    const { ask } = await given('hang', 'hang', 'hang');
    expect(failed(await ask(questionOf({ timeoutMs: 50 }))).kind).toBe('timeout');
  });

  it('answers unavailable when nobody listens', async () => {
    const { server, ask } = await given();
    await server.close();
    servers.length = 0;
    expect(failed(await ask(questionOf())).kind).toBe('unavailable');
  });

  it('needs a key or a base URL, and a model for a server that is not OpenAI', () => {
    expect(() => openAiProvider({})).toThrow('API key');
    expect(() => openAiProvider({ baseUrl: 'http://127.0.0.1:1/v1' })).toThrow('model');
  });
});
