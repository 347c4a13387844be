import { APIConnectionError } from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import { call, type Character, utterance } from '../character.ts';
import type { Fault } from '../faults.ts';
import { CACHED_TOKENS_MIN, CACHED_TOKENS_STEP, PromptCache } from './prompt-cache.ts';
import { asInput, asking, FIND, given, KEY, refusalOf } from './responses.fixture.ts';

async function streamed(client: Awaited<ReturnType<typeof given>>['client'], more: Parameters<typeof asking>[0] = {}) {
  const events: ResponseStreamEvent[] = [];
  for await (const event of await client.responses.create({ ...asking(more), stream: true })) events.push(event);
  return events;
}

/** Says both a text and a call. */
const chatty: Character = {
  name: 'chatty',
  reply: () =>
    utterance({ thinking: 'So.', text: 'Ä long — text 🔎 '.repeat(5), calls: [call('find', { query: 'ü' })] }),
};

describe('an answer of a Responses server', () => {
  it('comes whole, with all usage', async () => {
    const { client, server } = await given();
    const response = await client.responses.create(asking());
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'gpt-5.5',
      store: false,
      output: [
        { type: 'reasoning', summary: [], encrypted_content: expect.stringMatching(/^gAAAA/u) },
        { type: 'function_call', status: 'completed', name: 'find', arguments: '{"query":"cats"}' },
      ],
    });
    const { usage } = response;
    expect(usage?.output_tokens).toBeGreaterThan(usage?.output_tokens_details.reasoning_tokens ?? Infinity);
    expect(usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
    expect(usage?.total_tokens).toBe((usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0));
    expect(server.requests()).toMatchObject({
      total: 1,
      fates: { answered: 1 },
      requests: [{ body: { store: false } }],
    });
    expect(JSON.stringify(server.requests())).not.toContain(KEY);
  });

  it('comes as a stream that brings the same', async () => {
    const { client } = await given({ character: chatty });
    const events = await streamed(client);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at));
    const types = events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const text = events.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : [])).join('');
    const json = events.flatMap((event) =>
      event.type === 'response.function_call_arguments.delta' ? [event.delta] : [],
    );
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error('it is not complete');
    expect(text).toBe('Ä long — text 🔎 '.repeat(5));
    expect(json.join('')).toBe('{"query":"ü"}');
    const done = events.flatMap((event) => (event.type === 'response.output_item.done' ? [event.item] : []));
    expect(last.response.output).toEqual(done);
    expect(last.response.usage?.output_tokens).toBeGreaterThan(0);
  });

  it('is put together by the SDK from its stream', async () => {
    const { client } = await given({ character: chatty });
    const response = await client.responses.stream({ ...asking(), stream: true }).finalResponse();
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call']);
    expect(response.output_text).toBe('Ä long — text 🔎 '.repeat(5));
  });

  it('says in its phase whether a text is the last word', async () => {
    const { client } = await given({ character: chatty });
    const first = await client.responses.create(asking());
    const free = await client.responses.create(asking({ tool_choice: 'none' }));
    expect(first.output[1]).toMatchObject({ type: 'message', phase: 'commentary' });
    expect(free.output[1]).toMatchObject({ type: 'message', phase: 'final_answer' });
  });

  it('has no reasoning when a model is told not to reason', async () => {
    const { client } = await given();
    const first = await client.responses.create(asking({ reasoning: { effort: 'none' } }));
    expect(first.output.map(({ type }) => type)).toEqual(['function_call']);
    const [made] = first.output;
    if (made?.type !== 'function_call') throw new Error('there is no call');
    const input = [
      { role: 'user' as const, content: 'cats' },
      ...asInput(first.output),
      { type: 'function_call_output' as const, call_id: made.call_id, output: 'R' },
    ];
    expect((await client.responses.create(asking({ input, tool_choice: 'auto' }))).output_text).toContain('Found');
  });

  it('has a call where one is required, and the named one where one is named', async () => {
    const lose = { ...FIND, name: 'lose' };
    const silent: Character = { name: 'silent', reply: () => utterance({ text: 'No.' }) };
    const { client } = await given({ character: silent });
    const nameOf = async (choice: Parameters<typeof asking>[0]) =>
      (await client.responses.create(asking({ tools: [FIND, lose], ...choice }))).output.flatMap((item) =>
        item.type === 'function_call' ? [item.name] : [],
      );
    expect(await nameOf({ tool_choice: 'required' })).toEqual(['find']);
    expect(await nameOf({ tool_choice: { type: 'function', name: 'lose' } })).toEqual(['lose']);
    expect(await nameOf({ tool_choice: 'auto' })).toEqual([]);
  });

  it('has one call when several are not wanted', async () => {
    const { client } = await given();
    const input = [{ role: 'user' as const, content: 'cats dogs' }];
    expect((await client.responses.create(asking({ input }))).output).toHaveLength(3);
    expect((await client.responses.create(asking({ input, parallel_tool_calls: false }))).output).toHaveLength(2);
  });

  it('is incomplete when its limit is reached, the call in which that happens too', async () => {
    const { client } = await given({ character: chatty });
    const response = await client.responses.create(asking({ max_output_tokens: 33 }));
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response.usage?.output_tokens).toBeLessThanOrEqual(34);
    expect(response.output.at(-1)).toMatchObject({ status: 'incomplete' });
    const events = await streamed(client, { max_output_tokens: 33 });
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { usage: { output_tokens: expect.any(Number) } },
    });
  });

  it('tells how much of a prompt came from the cache, which begins alike', async () => {
    const { client } = await given();
    const instructions = 'You know about animals. '.repeat(200);
    const first = await client.responses.create(asking({ instructions }));
    const again = await client.responses.create(asking({ instructions, input: [{ role: 'user', content: 'dogs' }] }));
    const other = await client.responses.create(asking({ instructions: `First. ${instructions}` }));
    expect(first.usage?.input_tokens_details).toMatchObject({ cached_tokens: 0 });
    const { cached_tokens: cached } = again.usage?.input_tokens_details ?? { cached_tokens: 0 };
    expect(cached).toBeGreaterThanOrEqual(CACHED_TOKENS_MIN);
    expect(cached % CACHED_TOKENS_STEP).toBe(0);
    expect(cached).toBeLessThan(again.usage?.input_tokens ?? 0);
    expect(other.usage?.input_tokens_details).toMatchObject({ cached_tokens: 0 });
  });

  it('tells what went into the cache where that has a price', async () => {
    const { client } = await given();
    const written = async (model: string) =>
      (await client.responses.create(asking({ model }))).usage?.input_tokens_details.cache_write_tokens;
    expect(await written('gpt-5.5')).toBe(0);
    expect(await written('gpt-6.1-sol')).toBeGreaterThan(0);
  });

  it('takes no prompt for cached that is too short', () => {
    const cache = new PromptCache();
    const part = 'x'.repeat((CACHED_TOKENS_MIN - 1) * 3.5);
    cache.count([part]);
    expect(cache.count([part, 'y'])).toMatchObject({ cachedTokens: 0 });
    expect(cache.count([part, 'y'.repeat(4)])).toMatchObject({ cachedTokens: 0 });
    expect(cache.count([part, 'y'.repeat(4), 'z'])).toMatchObject({ cachedTokens: CACHED_TOKENS_MIN });
  });
});

describe('a fault of a Responses server', () => {
  const all = (fault: Fault) => ({ rules: [{ fault, when: 'all' as const, retryAfterSeconds: 2 }] });

  it.each<[Fault, number, string | null]>([
    ['rate_limited', 429, 'rate_limit_exceeded'],
    ['server_error', 500, null],
    ['overloaded', 503, 'server_is_overloaded'],
    ['spent', 429, 'insufficient_quota'],
    ['usage_limit', 429, 'organization_usage_limit_exceeded'],
    ['wrong_key', 401, 'invalid_api_key'],
    ['forbidden', 403, 'permission_denied'],
  ])('%s is told with status %i and code %s', async (fault, status, code) => {
    const { client } = await given({ faults: all(fault) });
    const refused = await refusalOf(client.responses.create(asking()));
    expect(refused).toMatchObject({ status, code });
    expect(refused.message).not.toContain(KEY);
  });

  it('rate_limited says when to ask again', async () => {
    const { client } = await given({ faults: all('rate_limited') });
    const { headers } = await refusalOf(client.responses.create(asking()));
    expect([headers?.get('retry-after'), headers?.get('retry-after-ms')]).toEqual(['2', '2000']);
  });

  it('cut leaves a stream without its end', async () => {
    const { client } = await given({ faults: all('cut') });
    await expect(streamed(client)).rejects.toThrow('terminated');
  });

  it('malformed_json breaks a stream', async () => {
    const { client } = await given({ faults: all('malformed_json') });
    await expect(streamed(client)).rejects.toThrow('malformed server-sent event JSON');
  });

  it('reset answers nothing', async () => {
    const { client } = await given({ faults: all('reset') });
    expect(await refusalOf(client.responses.create(asking()))).toBeInstanceOf(APIConnectionError);
  });

  it('error_event comes after the answer has begun, as an event of its own or as a response that failed', async () => {
    const plain = await given({ faults: all('error_event') });
    await expect(streamed(plain.client)).rejects.toMatchObject({ status: undefined, code: 'server_error' });
    const failing = await given({ faults: all('error_event'), manners: { failure: 'response.failed' } });
    expect((await streamed(failing.client)).at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' } },
    });
  });

  it('refusal is a part of the message, or leaves nothing where a filter takes it', async () => {
    const plain = await given({ faults: all('refusal') });
    expect((await plain.client.responses.create(asking())).output.at(-1)).toMatchObject({
      type: 'message',
      content: [{ type: 'refusal', refusal: expect.stringContaining("can't help") }],
    });
    expect((await streamed(plain.client)).map(({ type }) => type)).toContain('response.refusal.delta');
    const filtered = await given({ faults: all('refusal'), manners: { refusal: 'content_filter' } });
    expect(await filtered.client.responses.create(asking())).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
      output: [],
    });
  });

  it.each<[Fault, object]>([
    ['nine_calls', { status: 'completed', output: { length: 10 } }],
    [
      'length',
      { status: 'incomplete', output: { 1: { type: 'function_call', status: 'incomplete', arguments: '{"query"' } } },
    ],
    ['wrong_arguments', { output: { 1: { arguments: '{"unexpected":[1]}' } } }],
    ['broken_arguments', { output: { 1: { arguments: '{"que' } } }],
    ['no_call', { output: { 1: { type: 'message' } } }],
    ['empty', { output: { 1: { type: 'message', content: [{ text: '' }] } } }],
    ['pause', { status: 'completed', output: { 1: { type: 'message' } } }],
  ])('%s is in the answer', async (fault, response) => {
    const { client } = await given({ faults: all(fault) });
    expect(await client.responses.create(asking())).toMatchObject(response);
  });

  it('none is what comes with the rate limits in the headers', async () => {
    const limits = { requestsPerMinute: 60, requestsLeft: 59, tokensPerMinute: 1_000, tokensLeft: 900 };
    const { client } = await given({ faults: { limits } });
    const { response } = await client.responses.create(asking()).withResponse();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '900',
      'x-request-id': expect.stringMatching(/^req_/u),
    });
  });
});
