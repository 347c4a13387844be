import { APIConnectionError } from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../faults.ts';
import { asking, given, KEY, refusalOf, talker } from './chat.fixture.ts';

const deltas = (chunks: readonly ChatCompletionChunk[]) =>
  chunks.flatMap(({ choices: [choice] }) => (choice === undefined ? [] : [choice.delta]));
const finishes = (chunks: readonly ChatCompletionChunk[]) =>
  chunks.flatMap(({ choices: [choice] }) => choice?.finish_reason ?? []);
const callDeltas = (chunks: readonly ChatCompletionChunk[]) =>
  deltas(chunks).flatMap(({ tool_calls: calls }) => calls ?? []);
const two = { messages: [{ role: 'user' as const, content: 'cats dogs' }] };
const every = { messages: [{ role: 'user' as const, content: 'all' }] };
/** As a client has them that trusts no types. */
const untyped = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('an answer of chat completions', () => {
  it('comes whole, with all usage', async () => {
    const { ask, server } = await given();
    const answer = await ask();
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'some-model',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: '',
            tool_calls: [
              {
                id: expect.stringMatching(/^call_/u),
                type: 'function',
                function: { name: 'find', arguments: '{"query":"cats"}' },
              },
            ],
          },
        },
      ],
    });
    const { usage } = answer;
    expect(usage?.completion_tokens).toBeGreaterThan(usage?.completion_tokens_details?.reasoning_tokens ?? Infinity);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect(JSON.stringify(server.requests())).not.toContain(KEY);
  });

  it('comes as a stream, with usage in a last chunk without choices if that is asked for', async () => {
    const { stream, wire } = await given();
    const chunks = await stream({ ...two, stream_options: { include_usage: true } });
    const json = [0, 1].map((at) =>
      callDeltas(chunks)
        .filter(({ index }) => index === at)
        .map((one) => one.function?.arguments ?? '')
        .join(''),
    );
    expect(json).toEqual(['{"query":"cats"}', '{"query":"dogs"}']);
    expect(callDeltas(chunks).filter(({ id }) => id !== undefined)).toHaveLength(2);
    expect(finishes(chunks)).toEqual(['tool_calls']);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    expect((await stream(two)).every((chunk) => chunk.usage === undefined)).toBe(true);
    expect(await wire()).toMatch(/\ndata: \[DONE\]\n\n$/u);
  });

  it('is put together by the SDK from its stream', async () => {
    const { client } = await given('openai', { character: talker });
    const { model: _model, tools: _tools, ...request } = asking();
    const answer = await client.chat.completions
      .stream({ ...request, model: 'gpt-5.5', stream: true })
      .finalChatCompletion();
    expect(answer.choices[0]?.message.content).toBe('I say so.');
  });

  it('has a call where one is required, and the named one where one is named, unless a server ignores that', async () => {
    const choices = ['required' as const, { type: 'function' as const, function: { name: 'find' } }];
    for (const choice of choices) {
      const strict = await given('plain', { character: talker });
      expect((await strict.ask({ tool_choice: choice })).choices[0]?.message.tool_calls).toHaveLength(1);
      for (const dialect of ['ollama', 'llama.cpp']) {
        const { ask } = await given(dialect, { character: talker });
        expect((await ask({ tool_choice: choice })).choices[0]).toMatchObject({
          finish_reason: 'stop',
          message: { content: 'I say so.' },
        });
      }
    }
    const mistral = await given('mistral', { character: talker });
    expect(await mistral.post({ ...asking(), tool_choice: 'any' })).toMatchObject({
      body: { choices: [{ message: { tool_calls: [{}] } }] },
    });
  });

  it('ends at its limit, by either name of it', async () => {
    const { ask } = await given();
    for (const limit of [{ max_tokens: 20 }, { max_completion_tokens: 20 }]) {
      const answer = await ask(limit);
      expect(answer.choices[0]?.finish_reason).toBe('length');
      expect(answer.usage?.completion_tokens).toBeLessThanOrEqual(21);
    }
  });
});

describe('a deviation of a compatible server', () => {
  it('is that calls end with "stop" (vLLM, Gemini)', async () => {
    for (const dialect of ['vllm', 'gemini', 'plain+stop_with_calls']) {
      const { ask, stream } = await given(dialect);
      expect((await ask()).choices[0]).toMatchObject({ finish_reason: 'stop', message: { tool_calls: [{}] } });
      expect(finishes(await stream())).toEqual(['stop']);
    }
  });

  it('is that an answer without calls ends with "tool_calls" and none of them (vLLM)', async () => {
    const { ask, stream } = await given('vllm', { character: talker });
    expect((await ask()).choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: 'I say so.', tool_calls: [] },
    });
    const chunks = await stream();
    expect(finishes(chunks)).toEqual(['tool_calls']);
    expect(deltas(chunks).at(-1)).toEqual({ tool_calls: [] });
  });

  it('is that calls in a stream have no index and come whole (Gemini)', async () => {
    const { stream } = await given('gemini');
    const calls = callDeltas(await stream(two));
    expect(calls).toHaveLength(2);
    for (const call of calls) expect(call).not.toHaveProperty('index');
    expect(calls[1]?.function?.arguments).toBe('{"query":"dogs"}');
  });

  it('is that call IDs are missing, or all the same', async () => {
    const missing = await given('plain+ids_missing');
    expect(untyped((await missing.ask()).choices[0]?.message.tool_calls?.[0])).not.toHaveProperty('id');
    expect(callDeltas(await missing.stream()).every((call) => call.id === undefined)).toBe(true);
    const repeated = await given('plain+ids_repeated');
    expect((await repeated.ask(two)).choices[0]?.message.tool_calls?.map(({ id }) => id)).toEqual(['call_0', 'call_0']);
  });

  it('is that call IDs are short (Mistral)', async () => {
    const { ask } = await given('mistral');
    expect((await ask()).choices[0]?.message.tool_calls?.[0]?.id).toMatch(/^[a-z0-9]{9}$/u);
  });

  it('is that arguments are an object, or an empty text', async () => {
    const object = await given('plain+arguments_object');
    const call = { function: { arguments: { query: 'cats' } } };
    expect(untyped((await object.ask()).choices[0]?.message.tool_calls)).toMatchObject([call]);
    expect(untyped(callDeltas(await object.stream()))).toMatchObject([call]);
    const empty = await given('plain+arguments_empty');
    expect((await empty.ask(every)).choices[0]?.message.tool_calls).toMatchObject([{ function: { arguments: '' } }]);
    expect(callDeltas(await empty.stream(every)).map((one) => one.function?.arguments)).toEqual(['']);
  });

  it('is that a content is null', async () => {
    const { ask, stream } = await given('plain+content_null');
    expect((await ask()).choices[0]?.message.content).toBeNull();
    expect(deltas(await stream())[0]?.content).toBeNull();
  });

  it('is that no usage is told, even when it is asked for', async () => {
    const { ask, stream } = await given('plain+no_usage');
    expect((await ask()).usage).toBeUndefined();
    const chunks = await stream({ stream_options: { include_usage: true } });
    expect(chunks.every(({ usage }) => usage === undefined)).toBe(true);
  });

  it('is that usage comes with the last chunk, asked for or not (OpenRouter, Gemini, Mistral)', async () => {
    for (const dialect of ['openrouter', 'gemini', 'mistral']) {
      const { stream } = await given(dialect);
      const chunks = await stream();
      expect(chunks.at(-1)).toMatchObject({
        choices: [{ finish_reason: expect.any(String) }],
        usage: { completion_tokens: expect.any(Number) },
      });
      expect(chunks.filter(({ usage }) => usage !== undefined)).toHaveLength(1);
    }
  });

  it('is a chunk without choices, and an empty answer without any (Azure)', async () => {
    const { stream, ask } = await given('plain+choices_empty');
    expect((await stream())[0]).toMatchObject({ choices: [], prompt_filter_results: [{}] });
    expect((await ask()).choices).toHaveLength(1);
    const silent = await given('plain+choices_empty', { faults: { rules: [{ fault: 'empty', when: 'all' }] } });
    expect((await silent.ask()).choices).toEqual([]);
  });

  it('is that comments stand in the stream (OpenRouter)', async () => {
    const { wire, stream } = await given('openrouter');
    expect(await wire()).toMatch(/^: OPENROUTER PROCESSING\n\n/u);
    expect(finishes(await stream())).toEqual(['tool_calls']);
  });

  it.each([
    ['ollama', 'reasoning'],
    ['openrouter', 'reasoning'],
    ['vllm', 'reasoning_content'],
    ['llama.cpp', 'reasoning_content'],
  ])('is that thinking stands beside the text (%s: %s)', async (dialect, name) => {
    const { ask, stream } = await given(dialect, { character: talker });
    expect(untyped((await ask()).choices[0]?.message)).toMatchObject({ content: 'I say so.', [name]: 'So.' });
    expect(untyped(deltas(await stream()))).toContainEqual({ [name]: 'So.' });
  });

  it('is that thinking stands in the text (LM Studio)', async () => {
    const { ask } = await given('lmstudio', { character: talker });
    expect((await ask()).choices[0]?.message.content).toBe('<think>So.</think>\nI say so.');
  });
});

describe('a fault of chat completions', () => {
  const all = (fault: Fault) => ({ faults: { rules: [{ fault, when: 'all' as const, retryAfterSeconds: 2 }] } });

  it.each<[Fault, number, string | null]>([
    ['rate_limited', 429, 'rate_limit_exceeded'],
    ['server_error', 500, null],
    ['overloaded', 503, 'server_is_overloaded'],
    ['spent', 429, 'insufficient_quota'],
    ['usage_limit', 429, 'organization_usage_limit_exceeded'],
    ['wrong_key', 401, 'invalid_api_key'],
    ['forbidden', 403, 'permission_denied'],
  ])('%s is told with status %i and code %s', async (fault, status, code) => {
    const { ask } = await given('plain', all(fault));
    const refused = await refusalOf(ask());
    expect(refused).toMatchObject({ status, code });
    expect(refused.message).not.toContain(KEY);
  });

  it.each(['gemini', 'mistral', 'lmstudio', 'vllm', 'llama.cpp', 'openrouter'])(
    'rate_limited says when to ask again (%s)',
    async (dialect) => {
      const { ask } = await given(dialect, all('rate_limited'));
      const { status, headers } = await refusalOf(ask());
      expect([status, headers?.get('retry-after')]).toEqual([429, '2']);
    },
  );

  it('error_event comes after the answer has begun', async () => {
    const { stream } = await given('plain', all('error_event'));
    await expect(stream()).rejects.toMatchObject({ status: undefined, code: 'server_error' });
  });

  it('error_event comes in a chunk with a choice (OpenRouter)', async () => {
    const { stream, wire } = await given('openrouter', all('error_event'));
    await expect(stream()).rejects.toMatchObject({
      status: undefined,
      code: 502,
      message: 'Provider disconnected unexpectedly',
    });
    expect(await wire()).toContain('"finish_reason":"error"');
  });

  it('cut, malformed_json and reset leave no answer', async () => {
    const cut = await given('plain', all('cut'));
    await expect(cut.stream()).rejects.toThrow('terminated');
    const malformed = await given('plain', all('malformed_json'));
    await expect(malformed.stream()).rejects.toThrow('malformed server-sent event JSON');
    const reset = await given('plain', all('reset'));
    expect(await refusalOf(reset.ask())).toBeInstanceOf(APIConnectionError);
  });

  it('refusal is a text of its own, or a finish_reason alone', async () => {
    const own = await given('plain', all('refusal'));
    expect((await own.ask()).choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { refusal: expect.stringContaining("can't help") },
    });
    expect(
      deltas(await own.stream())
        .map(({ refusal }) => refusal ?? '')
        .join(''),
    ).toContain("can't help");
    const filtered = await given('azure', all('refusal'));
    expect((await filtered.ask({ model: 'our-deployment' })).choices).toMatchObject([
      { finish_reason: 'content_filter' },
    ]);
    expect(finishes(await filtered.stream({ model: 'our-deployment' }))).toEqual(['content_filter']);
  });

  it.each<[Fault, object]>([
    ['nine_calls', { finish_reason: 'tool_calls', message: { tool_calls: { length: 9 } } }],
    ['length', { finish_reason: 'length', message: { tool_calls: [{ function: { arguments: '{"query"' } }] } }],
    ['wrong_arguments', { message: { tool_calls: [{ function: { arguments: '{"unexpected":[1]}' } }] } }],
    ['broken_arguments', { message: { tool_calls: [{ function: { arguments: '{"que' } }] } }],
    ['no_call', { finish_reason: 'stop', message: { content: 'I have thought about it.' } }],
    ['empty', { finish_reason: 'stop', message: { content: '' } }],
    ['pause', { finish_reason: 'stop' }],
    ['context', { finish_reason: 'length' }],
  ])('%s is in the answer', async (fault, choice) => {
    const { ask } = await given('plain', all(fault));
    expect((await ask()).choices[0]).toMatchObject(choice);
  });
});
