import type { Answer, Question } from '@troupe/contract';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../json-server.fixture.ts';
import { questionOf, TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { anthropicProvider } from './provider.ts';
import { ANTHROPIC_KEY, startAnthropicServer } from './protocol-server.fixture.ts';
import type { Step } from './protocol-server.fixture.ts';

const servers: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function given(...steps: Step[]) {
  const server = await startAnthropicServer(steps);
  servers.push(server);
  const ask = (question: Question, { apiKey = ANTHROPIC_KEY, signal = new AbortController().signal } = {}) =>
    anthropicProvider({ apiKey, baseUrl: server.origin, model: 'test-model' }).ask(question, signal);
  return { server, ask };
}

function call(id: string, name: string, input: unknown) {
  return { message: { calls: [{ id, name, input }] } };
}

function failed(answer: Answer) {
  expect(answer.ok).toBe(false);
  if (answer.ok) throw new Error('answered');
  expect(answer.message).not.toContain(ANTHROPIC_KEY);
  return answer;
}

describe('anthropic provider', () => {
  it('carries a conversation from the first call over its result to the submission', async () => {
    const submission = { claims: [], gaps: ['nothing'] };
    const search = {
      message: { text: 'I search.', calls: [{ id: 'toolu_1', name: 'search_documents', input: { query: 'log' } }] },
    };
    const { server, ask } = await given(search, call('toolu_2', 'submit_findings', submission));

    const first = await ask(questionOf());
    expect(first).toEqual({
      ok: true,
      provider: 'anthropic',
      model: 'test-model-20260101',
      text: 'I search.',
      toolCalls: [{ id: 'toolu_1', name: 'search_documents', arguments: { query: 'log' } }],
      stop: 'tools',
      // 71 fresh, 10 written to the cache, 20 read from it.
      usage: { inputTokens: 101, outputTokens: 23 },
      costUsd: null,
    });
    if (!first.ok) throw new Error(first.message);
    const second = await ask(
      questionOf({
        turns: [
          { role: 'user', text: 'What keeps the log?' },
          { role: 'assistant', text: first.text, toolCalls: first.toolCalls },
          { role: 'tool', callId: 'toolu_1', name: 'search_documents', text: '{"results":[]}', failed: false },
        ],
      }),
    );
    expect(second).toMatchObject({ ok: true, toolCalls: [{ name: 'submit_findings', arguments: submission }] });
    expect(server.requests.map(({ body }) => body)).toMatchObject([
      { model: 'test-model', max_tokens: 2_000, system: 'You are a researcher.', tool_choice: { type: 'any' } },
      { messages: [{}, {}, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] }] },
    ]);
  });

  it('merges the results of parallel calls and a word of the user after them into one message', async () => {
    const { server, ask } = await given({ message: { text: 'done' } });
    const turns = [...questionOf().turns, ...TWO_CALLS_ANSWERED, { role: 'user' as const, text: 'Hand in now.' }];
    expect(await ask(questionOf({ turns, mustCall: false }))).toMatchObject({ ok: true, text: 'done', stop: 'end' });
    expect(server.requests[0]?.body).toMatchObject({
      tool_choice: { type: 'auto' },
      messages: [
        { role: 'user' },
        { role: 'assistant', content: [{ type: 'text' }, { id: 'call_a' }, { id: 'call_b' }] },
        {
          role: 'user',
          content: [
            { tool_use_id: 'call_a', is_error: false },
            { tool_use_id: 'call_b', is_error: true },
            { type: 'text', text: 'Hand in now.' },
          ],
        },
      ],
    });
  });

  it('leaves out what the protocol refuses: no tools, no system, turns that say nothing', async () => {
    const { server, ask } = await given({ message: { text: 'hello' } });
    const turns = [
      ...questionOf().turns,
      { role: 'assistant' as const, text: ' ', toolCalls: [] },
      { role: 'user' as const, text: 'Well?' },
    ];
    expect(await ask(questionOf({ turns, tools: [], mustCall: false, system: '' }))).toMatchObject({
      ok: true,
      text: 'hello',
    });
    expect(Object.keys(server.requests[0]?.body ?? {}).toSorted()).toEqual(['max_tokens', 'messages', 'model']);
  });

  it.each([
    ['length', { text: 'half', stop: 'max_tokens' as const }],
    ['refusal', { stop: 'refusal' as const }],
    ['end', { text: 'done', thinking: 'hm' }],
  ])('says that an answer stopped by %s: %j', async (stop, message) => {
    const { ask } = await given({ message });
    expect(await ask(questionOf())).toMatchObject({ ok: true, stop, text: 'text' in message ? message.text : '' });
  });

  it.each([[['log']], ['log'], [null]])('answers malformed when a call has the input %j', async (input) => {
    const { ask } = await given(call('toolu_1', 'search_documents', input));
    const answer = failed(await ask(questionOf()));
    expect(answer).toMatchObject({ kind: 'malformed', message: expect.stringContaining('"search_documents"') });
  });

  it.each(['{"type":"message"}', '{"content":[{"type":"tool_use","input":{"query":', '[]'])(
    'answers malformed when the body is %s',
    async (raw) => {
      const { ask } = await given({ raw });
      expect(failed(await ask(questionOf())).kind).toBe('malformed');
    },
  );

  it.each([429, 500, 529])('asks again after a %i and answers', async (status) => {
    const { server, ask } = await given({ error: status }, { message: { text: 'at last' } });
    expect(await ask(questionOf())).toMatchObject({ ok: true, text: 'at last' });
    expect(server.requests).toHaveLength(2);
  });

  it.each([429, 529])('gives up as unavailable after two retries of a %i', async (status) => {
    const { server, ask } = await given({ error: status }, { error: status }, { error: status });
    expect(failed(await ask(questionOf())).kind).toBe('unavailable');
    expect(server.requests).toHaveLength(3);
  });

  it.each([400, 403, 404])('answers rejected to a %i without a retry', async (status) => {
    const { server, ask } = await given({ error: status, message: 'no such thing' });
    expect(failed(await ask(questionOf()))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('no such thing'),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('keeps the key out of the message when the server quotes it', async () => {
    const { ask } = await given();
    const apiKey = 'a-key-of-unusual-shape';
    const answer = failed(await ask(questionOf(), { apiKey }));
    expect(answer).toMatchObject({ kind: 'rejected', message: expect.stringContaining('[redacted]') });
    expect(answer.message).not.toContain(apiKey);
  });

  it('answers rejected when the server misses the result of a call', async () => {
    const { ask } = await given({ message: { text: 'never' } });
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

  it('needs a key', () => {
    expect(() => anthropicProvider({})).toThrow('API key');
  });
});
