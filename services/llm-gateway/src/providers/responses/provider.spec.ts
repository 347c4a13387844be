import { describe, expect, it } from 'vitest';
import { callOf, failure, modelOf, NEVER, replied } from '../openai/call.fixture.ts';
import { STREAM_CHARS_MAX } from '../openai/streaming.ts';
import type { RateLimits } from '../provider.ts';
import { callItem, given, messageItem, REASONING, responseOf, SEARCHED, streamOf } from './response.fixture.ts';

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
    const { ask } = await given({ events: [delta, delta], ending: 'hang' });
    expect(failure(await ask())).toMatchObject({ kind: 'malformed', message: expect.stringContaining('no end') });
  });
});
