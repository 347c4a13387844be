import { describe, expect, it } from 'vitest';
import { callOf, failure, KEY, NEVER, replied, modelOf } from '../openai/call.fixture.ts';
import type { Step } from '../openai/sse-server.fixture.ts';
import { responsesProvider } from './provider.ts';
import type { RateLimits } from '../provider.ts';
import { given, messageItem, responseOf, streamOf } from './response.fixture.ts';

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
    ['a word that is also a name', 400, error(null, 'Messages must include something'), { kind: 'rejected' }],
    ['a name in quotes', 400, error(null, "Unknown parameter: 'include'"), { kind: 'parameter', parameter: 'include' }],
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

  it('as a response that was cancelled is unreachable', async () => {
    const { ask } = await given({
      events: [{ type: 'response.completed', response: responseOf([], { status: 'cancelled' }) }],
    });
    expect(failure(await ask())).toMatchObject({ kind: 'unreachable', usage: { inputTokens: 1_000 } });
  });

  it.each([
    ['data: {"type":"error","message":"no"}\n\n', 'unreachable'],
    ['data: {"type":"error","message":"no","code":"insufficient_quota"}\n\n', 'spent'],
  ])('as an event that nothing announces: %s', async (raw, kind) => {
    const { ask } = await given({ raw });
    expect(failure(await ask()).kind).toBe(kind);
  });

  it('tells what the service says of its limits', async () => {
    const { provider } = await given({ status: 429, body: {}, headers: { 'x-ratelimit-remaining-requests': '0' } });
    const limits: RateLimits[] = [];
    await provider.ask(callOf(), NEVER, { limits: (told) => limits.push(told) });
    expect(limits).toEqual([{ requestsLeft: 0 }]);
  });

  it('that comes after the whole answer is none', async () => {
    const { ask } = await given({ ...streamOf([messageItem('done')]), ending: 'cut' });
    expect(replied(await ask()).text).toBe('done');
  });

  it('as an event of the stream ends the answer', async () => {
    const event = { type: 'error', code: 'server_error', message: 'The server had an error', param: null };
    const { ask } = await given({ events: [event] });
    expect(failure(await ask())).toMatchObject({ kind: 'unreachable' });
  });

  it.each([
    ['cut', 'unreachable'],
    ['done', 'unreachable'],
  ] as const)('by a stream that is %s in the middle is %s, and what came was paid', async (ending, kind) => {
    const step = { events: streamOf([messageItem('half of it')]).events.slice(0, -1), ending };
    const { ask } = await given(step, step, step);
    const lostBy = async (different: Parameters<typeof modelOf>[0]) =>
      failure(await ask({}, { model: modelOf(different) }));
    expect(await lostBy({ thinking: 'never' })).toMatchObject({ kind, usage: { outputTokens: 3 } });
    // What it thought before its first word was not streamed.
    expect(await lostBy({ thinkingTokens: 100 })).toMatchObject({ kind, usage: { outputTokens: 103 } });
    expect(await lostBy({ thinkingTokens: 9_000 })).toMatchObject({ kind, usage: { outputTokens: 2_000 } });
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
    for (const step of ['hang', { events: [delta], ending: 'hang' }] satisfies Step[]) {
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
