import type { Question } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { callOf, failure, KEY, modelOf, NEVER, replied } from '../openai/call.fixture.ts';
import { startSseServer } from '../openai/sse-server.fixture.ts';
import type { Step } from '../openai/sse-server.fixture.ts';
import { STREAM_CHARS_MAX } from '../openai/streaming.ts';
import type { Call, RateLimits } from '../provider.ts';
import { questionOf, TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { responsesProvider } from './provider.ts';
import { callItem, messageItem, REASONING, responseOf, streamOf } from './response.fixture.ts';

async function given(...steps: Step[]) {
  const server = await startSseServer(steps);
  const provider = responsesProvider({ name: 'openai', apiKey: KEY, baseUrl: server.baseUrl });
  const ask = (question: Partial<Question> = {}, different: Partial<Call> = {}) =>
    provider.ask(callOf(question, different), NEVER);
  return { server, provider, ask };
}

const SEARCHED = [REASONING, messageItem('I search.'), callItem('search_documents', { query: 'log' })];

describe('a question to the Responses API', () => {
  it('has all that it may, nothing stored, and flat strict tools', async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    await ask({}, { effort: 'high', outputTokensMax: 27_000 });
    const { path, authorization, body } = server.requests[0] ?? {};
    expect({ path, authorization }).toEqual({ path: '/v1/responses', authorization: `Bearer ${KEY}` });
    expect(body).toMatchObject({
      model: 'test-model',
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      instructions: 'You are a researcher.',
      input: [{ role: 'user', content: 'What keeps the log?' }],
      max_output_tokens: 27_000,
      tool_choice: 'required',
      reasoning: { effort: 'high' },
      tools: [
        { type: 'function', name: 'search_documents', strict: true, parameters: { additionalProperties: false } },
        { type: 'function', name: 'submit_findings' },
      ],
    });
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('parallel_tool_calls');
  });

  it.each<[string, Partial<Question>, Parameters<typeof modelOf>[0], unknown]>([
    ['one tool by its name', { only: 'submit_findings' }, {}, { type: 'function', name: 'submit_findings' }],
    ['any, where it may do without', { mustCall: false }, {}, 'auto'],
    ['any, where a call cannot be forced', { only: 'submit_findings' }, { forcedCall: false }, 'auto'],
    ['nothing without tools', { tools: [] }, {}, undefined],
  ])('chooses %s', async (_what, question, model, choice) => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    await ask(question, { model: modelOf(model) });
    expect(server.requests[0]?.body['tool_choice']).toEqual(choice);
  });

  it('leaves out what the service has refused before', async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    const without = new Set(['tool_choice', 'reasoning', 'include', 'prompt_cache_key', 'strict']);
    await ask({}, { effort: 'high', without });
    const body = server.requests[0]?.body ?? {};
    expect(Object.keys(body).toSorted()).toEqual(
      ['input', 'instructions', 'max_output_tokens', 'model', 'store', 'stream', 'tools'].toSorted(),
    );
    expect(body['tools']).toMatchObject([{ strict: false }, { strict: false }]);
  });

  it('has one key for the cache in all questions of a role in a run, and no content in it', async () => {
    const same = streamOf([messageItem('done')]);
    const { server, ask } = await given(same, same, same, same);
    await ask();
    await ask({ id: 'another', system: 'Another.', turns: [{ role: 'user', text: 'Else?' }] });
    await ask({ role: 'writer' });
    await ask({ tenant: 'another' });
    const [first, second, third, fourth] = server.requests.map(({ body }) => body['prompt_cache_key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    expect(new Set([first, third, fourth]).size).toBe(3);
  });

  it('brings each result after its call and says which one failed', async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    await ask({ turns: [...questionOf().turns, ...TWO_CALLS_ANSWERED] });
    expect(server.requests[0]?.body['input']).toEqual([
      { role: 'user', content: 'What keeps the log?' },
      { role: 'assistant', content: 'I search.' },
      { type: 'function_call', call_id: 'call_a', name: 'search_documents', arguments: '{"query":"log"}' },
      { type: 'function_call', call_id: 'call_b', name: 'search_documents', arguments: '{"query":"store"}' },
      { type: 'function_call_output', call_id: 'call_a', output: '{"results":[]}' },
      { type: 'function_call_output', call_id: 'call_b', output: 'Failed: denied' },
    ]);
  });

  it("takes another service's longer IDs of calls, the same in the call and in its result", async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    const id = `toolu.${'x'.repeat(70)}`;
    const call = { id, name: 'search_documents', arguments: {} };
    const result = { role: 'tool', callId: id, name: 'search_documents', text: 'r', failed: false } as const;
    await ask({ turns: [...questionOf().turns, { role: 'assistant', text: '', toolCalls: [call] }, result] });
    const input = server.requests[0]?.body['input'];
    const short = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(input).toMatchObject([{}, { call_id: short }, { call_id: short }]);
  });
});

describe('an answer of the Responses API', () => {
  it('is text, calls, usage and what has to come back', async () => {
    const { ask } = await given(streamOf(SEARCHED));
    expect(replied(await ask())).toEqual({
      ok: true,
      model: 'test-model-2026-01-01',
      text: 'I search.',
      toolCalls: [{ id: 'call_1', name: 'search_documents', arguments: { query: 'log' } }],
      stop: 'tools',
      usage: { inputTokens: 1_000, outputTokens: 90, cacheReadTokens: 800, cacheWriteTokens: 50, thinkingTokens: 64 },
      echo: { provider: 'openai', model: 'test-model', parts: expect.any(Array) },
    });
  });

  it('tells its text as it comes, and not its arguments, and what the service tells of its limits', async () => {
    const headers = { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-tokens': '149984' };
    const { provider } = await given({ ...streamOf(SEARCHED), headers });
    const texts: string[] = [];
    const limits: RateLimits[] = [];
    const listener = { text: (delta: string) => texts.push(delta), limits: (told: RateLimits) => limits.push(told) };
    await provider.ask(callOf(), NEVER, listener);
    expect(texts).toEqual(['I sea', 'rch.']);
    expect(limits).toEqual([{ requestsPerMinute: 60, tokensLeft: 149_984 }]);
  });

  it('is what came before where the last event has no items', async () => {
    const stream = streamOf(SEARCHED);
    const events = [...stream.events.slice(0, -1), { type: 'response.completed', response: responseOf([]) }];
    const { ask } = await given({ events });
    expect(replied(await ask()).toolCalls).toHaveLength(1);
  });

  it('that was cut off by its limit has its text, and no call', async () => {
    const { ask } = await given(
      streamOf(SEARCHED, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    );
    const reply = replied(await ask());
    expect(reply).toMatchObject({ text: 'I search.', toolCalls: [], stop: 'length', usage: { outputTokens: 90 } });
    expect(reply.echo).toBeUndefined();
  });

  it('that wants nothing back has no echo', async () => {
    const { ask } = await given(streamOf(SEARCHED));
    expect(replied(await ask({}, { model: modelOf({ echo: false }) })).echo).toBeUndefined();
  });

  it('whose reasoning is not encrypted does not come back: nothing is stored that it could be found by', async () => {
    const { ask } = await given(streamOf([{ ...REASONING, encrypted_content: null }, ...SEARCHED.slice(1)]));
    expect(replied(await ask()).echo).toBeUndefined();
  });

  it('that is larger than an echo may be comes without one', async () => {
    const { ask } = await given(
      streamOf([{ ...REASONING, encrypted_content: 'x'.repeat(48_001) }, messageItem('done')]),
    );
    const reply = replied(await ask());
    expect(reply.text).toBe('done');
    expect(reply.echo).toBeUndefined();
  });

  it.each([
    [
      'a refusal',
      streamOf([messageItem('', { content: [{ type: 'refusal', refusal: 'I will not.' }] })]),
      'I will not.',
    ],
    ['a filter', streamOf([], { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }), 'held'],
  ])('that is %s is a refusal, and was paid', async (_what, step, message) => {
    const { ask } = await given(step);
    const refused = failure(await ask());
    expect(refused).toMatchObject({ kind: 'refused', usage: { inputTokens: 1_000 } });
    expect(refused.message).toContain(message);
  });

  it.each(['{"query":', '[1]', '"log"', 'null'])(
    'with the arguments %s is malformed, and was paid',
    async (written) => {
      const { ask } = await given(streamOf([callItem('search_documents', written)]));
      expect(failure(await ask())).toMatchObject({ kind: 'malformed', usage: { outputTokens: 90 } });
    },
  );

  it('with more calls than an answer may hold is malformed, and was paid', async () => {
    const calls = Array.from({ length: 9 }, (_, n) => callItem('search_documents', {}, { call_id: `call_${n}` }));
    const { ask } = await given(streamOf(calls));
    expect(failure(await ask())).toMatchObject({ kind: 'malformed', usage: { outputTokens: 90 } });
  });

  it('without an end is given up', async () => {
    const delta = { type: 'response.output_text.delta', delta: 'x'.repeat(STREAM_CHARS_MAX / 2 + 1) };
    const { ask } = await given({ events: [delta, delta], then: 'hang' });
    expect(failure(await ask())).toMatchObject({ kind: 'malformed', message: expect.stringContaining('no end') });
  });
});

describe('a failure of the Responses API', () => {
  const error = (code: string | null, message = 'no', param: string | null = null) => ({
    error: { message, type: 'invalid_request_error', param, code },
  });

  it.each<[string, number, object, object]>([
    ['a wrong key', 401, error('invalid_api_key', `Incorrect API key provided: ${KEY}.`), { kind: 'unauthorised' }],
    ['too many requests', 429, error('rate_limit_exceeded'), { kind: 'rate_limited', retryAfterMs: 1_500 }],
    ['an empty account', 429, error('insufficient_quota'), { kind: 'spent' }],
    ['no credit', 429, error('credit_balance_exhausted'), { kind: 'spent' }],
    ['a project at its limit', 429, error('project_spend_limit_exceeded'), { kind: 'spent' }],
    ['an organisation at its limit', 429, error('organization_usage_limit_exceeded'), { kind: 'spent' }],
    ['a prompt too long', 400, error('context_length_exceeded'), { kind: 'too_long' }],
    ['a prompt over the limit of a minute', 429, error(null, 'Request too large for gpt-5.5'), { kind: 'too_long' }],
    [
      'a parameter',
      400,
      error('unsupported_parameter', 'no', 'tool_choice'),
      { kind: 'parameter', parameter: 'tool_choice' },
    ],
    ['a part of one', 400, error(null, 'no', 'reasoning.effort'), { kind: 'parameter', parameter: 'reasoning' }],
    [
      'a schema',
      400,
      error('invalid_function_parameters', 'no', 'tools[0].parameters'),
      { kind: 'parameter', parameter: 'strict' },
    ],
    ['a parameter that has to be', 400, error(null, 'no', 'max_output_tokens'), { kind: 'rejected' }],
    ['a parameter that was not sent', 400, error(null, 'no', 'temperature'), { kind: 'rejected' }],
    ['sealed reasoning', 400, error('invalid_encrypted_content'), { kind: 'echo' }],
    [
      'a call without its reasoning',
      400,
      error(null, "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1'."),
      { kind: 'echo' },
    ],
    ['a prompt against the rules', 400, error('invalid_prompt'), { kind: 'refused' }],
    [
      'a result without its call',
      400,
      error(null, 'No tool call found for function call output', 'input'),
      { kind: 'rejected' },
    ],
    ['no such model', 404, error('model_not_found'), { kind: 'rejected' }],
    ['a prompt of many megabytes', 413, error(null), { kind: 'too_large' }],
    ['an error of its own', 500, error(null), { kind: 'unreachable' }],
    ['too much to do', 503, error('slow_down'), { kind: 'overloaded' }],
  ])('by a status tells what may help: %s', async (_what, status, body, expected) => {
    const { server, ask } = await given({ status, body, headers: { 'retry-after-ms': '1500' } });
    expect(failure(await ask({}, { effort: 'low' }))).toMatchObject({ ...expected, status });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['server_error', 'unreachable'],
    ['rate_limit_exceeded', 'rate_limited'],
    ['invalid_prompt', 'refused'],
    ['insufficient_quota', 'spent'],
    ['misalignment_policy_violation', 'refused'],
  ])('in the body of the answer by the code %s is %s, and was paid', async (code, kind) => {
    const { ask } = await given(streamOf([], { status: 'failed', error: { code, message: 'no' } }));
    expect(failure(await ask())).toMatchObject({ kind, usage: { inputTokens: 1_000 } });
  });

  it('as an event of the stream ends the answer', async () => {
    const event = { type: 'error', code: 'server_error', message: 'The server had an error', param: null };
    const { ask } = await given({ events: [event] });
    expect(failure(await ask())).toMatchObject({ kind: 'unreachable' });
  });

  it.each([
    ['cut', 'unreachable'],
    ['done', 'unreachable'],
  ] as const)('by a stream that is %s in the middle is %s, and what came was paid', async (then, kind) => {
    const { ask } = await given({ events: streamOf([messageItem('half of it')]).events.slice(0, -1), then });
    expect(failure(await ask())).toMatchObject({ kind, usage: { outputTokens: 3 } });
  });

  it('by a stream that is no JSON is malformed', async () => {
    const { ask } = await given({ raw: 'event: response.created\ndata: {"type":\n\n' });
    expect(failure(await ask()).kind).toBe('malformed');
  });

  it('by a last event that nobody can read is malformed', async () => {
    const { ask } = await given({ events: [{ type: 'response.completed', response: 'gone' }] });
    expect(failure(await ask()).kind).toBe('malformed');
  });

  it('by an abort ends the request at once, before and in the middle of the stream', async () => {
    const delta = { type: 'response.output_text.delta', delta: 'half' };
    for (const step of ['hang', { events: [delta], then: 'hang' }] satisfies Step[]) {
      const { server, provider } = await given(step);
      const abort = new AbortController();
      const asked = provider.ask(callOf(), abort.signal, { text: () => abort.abort() });
      await server.received();
      if (step === 'hang') abort.abort();
      expect(failure(await asked).kind).toBe('aborted');
    }
  });

  it('by nobody who listens is unreachable', async () => {
    const provider = responsesProvider({ name: 'openai', apiKey: KEY, baseUrl: 'http://127.0.0.1:1/v1' });
    expect(failure(await provider.ask(callOf(), NEVER)).kind).toBe('unreachable');
  });
});
