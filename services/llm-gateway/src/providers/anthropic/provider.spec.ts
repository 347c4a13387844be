import { CALLS_PER_ANSWER_MAX, REPORT_CHARS_MAX } from '@troupe/contract';
import { afterEach, describe, expect, it } from 'vitest';
import type { RateLimits } from '../provider.ts';
import { questionOf, SEARCH, TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { callOf, failedAs, modelOf, replied, startAsked } from './asked.fixture.ts';
import type { Asked } from './asked.fixture.ts';
import { eventOf } from './message-events.fixture.ts';
import type { Step } from './message-events.fixture.ts';
import { anthropicProvider, PAUSES_MAX } from './provider.ts';

const running: Asked[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((asked) => asked.close()));
});

async function given(...steps: Step[]): Promise<Asked> {
  const asked = await startAsked(...steps);
  running.push(asked);
  return asked;
}

const text = (said: string) => ({ type: 'text', text: said });
const use = (id: string, name: string, input: unknown) => ({ type: 'tool_use', id, name, input });
const THOUGHT = { type: 'thinking', thinking: 'hm, the log', signature: 'c2ln' };
/** 71 fresh, 20 read from the cache, 10 written to it. */
const PAID = {
  inputTokens: 101,
  outputTokens: 23,
  cacheReadTokens: 20,
  cacheWriteTokens: 10,
  thinkingTokens: 5,
};

describe('an answer of the Messages API', () => {
  it('is its text and calls, with what was paid and what has to come back', async () => {
    const content = [THOUGHT, text('I search.'), use('toolu_1', 'search_documents', { query: 'log' })];
    const { ask } = await given({ content, stop: 'tool_use' });
    expect(await ask()).toEqual({
      ok: true,
      model: 'claude-test-1-20260101',
      text: 'I search.',
      toolCalls: [{ id: 'toolu_1', name: 'search_documents', arguments: { query: 'log' } }],
      stop: 'tools',
      usage: PAID,
      echo: {
        provider: 'anthropic',
        model: 'claude-test-1',
        parts: [
          { kind: 'opaque', block: THOUGHT },
          { kind: 'text', chars: 9 },
          { kind: 'call', call: 0 },
        ],
      },
    });
  });

  it('has no echo if its text and calls say it all, or if the model wants none', async () => {
    const { ask } = await given({ content: [text('done')] }, { content: [THOUGHT, text('done')] });
    expect(replied(await ask()).echo).toBeUndefined();
    expect(replied(await ask(callOf({ model: modelOf({ echo: false }) }))).echo).toBeUndefined();
  });

  it('tells its text as it comes, and the limits of the account', async () => {
    const content = [THOUGHT, text('I search.'), use('toolu_1', 'search_documents', { query: 'log' })];
    const headers = { 'anthropic-ratelimit-requests-remaining': '3' };
    const { ask } = await given({ content, headers }, { error: 429, headers });
    const heard: string[] = [];
    const limits: RateLimits[] = [];
    const listener = {
      text: (delta: string) => heard.push(delta),
      limits: (told: RateLimits) => limits.push(told),
    };
    await ask(callOf(), { listener });
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.join('')).toBe('I search.');
    expect(limits).toEqual([{ requestsLeft: 3 }]);
    await ask(callOf(), { listener });
    expect(limits).toEqual([{ requestsLeft: 3 }, { requestsLeft: 3 }]);
  });

  it('that was cut off by its limit holds its text, but no call and no echo', async () => {
    const content = [THOUGHT, text('half'), use('toolu_1', 'search_documents', {})];
    const { ask } = await given({ content, stop: 'max_tokens', inputJson: '{"query": "lo' });
    const reply = replied(await ask());
    expect(reply).toMatchObject({ text: 'half', toolCalls: [], stop: 'length', usage: PAID });
    expect(reply.echo).toBeUndefined();
  });

  it.each(['tool_use', 'end_turn', 'stop_sequence', 'some_new_reason'])(
    'that stopped by %s has stopped for its calls if it has any',
    async (stop) => {
      const { ask } = await given(
        { content: [use('t', 'search_documents', {})], stop },
        { content: [text('x')], stop },
      );
      expect(replied(await ask()).stop).toBe('tools');
      expect(replied(await ask()).stop).toBe('end');
    },
  );

  it('leaves out the nulls that stand for parameters which may be left out', async () => {
    const optional = { ...SEARCH.parameters, properties: { query: { type: 'string' }, limit: { type: 'integer' } } };
    const question = questionOf({ tools: [{ ...SEARCH, parameters: optional }] });
    const { ask } = await given({ content: [use('t', 'search_documents', { query: 'log', limit: null })] });
    expect(replied(await ask(callOf({ question }))).toolCalls[0]?.arguments).toEqual({ query: 'log' });
  });

  it('goes on where the model paused, and costs all of it', async () => {
    const { ask, server } = await given(
      { content: [THOUGHT, text('First ')], stop: 'pause_turn' },
      { content: [text('and last.')] },
    );
    const reply = replied(await ask());
    expect(reply).toMatchObject({ text: 'First and last.', stop: 'end' });
    expect(reply.usage).toEqual({
      inputTokens: 202,
      outputTokens: 46,
      cacheReadTokens: 40,
      cacheWriteTokens: 20,
      thinkingTokens: 10,
    });
    expect(reply.echo?.parts.map(({ kind }) => kind)).toEqual(['opaque', 'text', 'text']);
    expect(server.requests[1]?.body).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: [THOUGHT, text('First ')] }],
    });
  });

  it('is malformed when the model pauses without end, and was paid', async () => {
    const pauses = Array.from({ length: PAUSES_MAX + 5 }, () => ({ content: [text('x')], stop: 'pause_turn' }));
    const { ask, server } = await given(...pauses);
    const failure = failedAs(await ask());
    expect(failure).toMatchObject({ kind: 'malformed', usage: { inputTokens: 101 * (PAUSES_MAX + 1) } });
    expect(server.requests).toHaveLength(PAUSES_MAX + 1);
  });

  it('that failed after a pause was paid up to there', async () => {
    const { ask } = await given({ content: [text('x')], stop: 'pause_turn' }, { error: 529 });
    expect(failedAs(await ask())).toMatchObject({ kind: 'overloaded', usage: PAID });
  });
});

describe('an answer that is none, but was paid', () => {
  it.each([
    ['refused', { stop: 'refusal', category: 'bio' }, 'bio'],
    ['refused', { content: [use('t', 'search_documents', {})], stop: 'refusal' }, 'not answer'],
    ['too_long', { content: [text('x')], stop: 'model_context_window_exceeded' }, 'context'],
    ['malformed', { content: [use('t', 'search_documents', ['log'])], stop: 'tool_use' }, '"search_documents"'],
    ['malformed', { content: [use('t', 'search_documents', 'log')], stop: 'tool_use' }, '"search_documents"'],
    ['malformed', { content: [use('t', 'search_documents', null)], stop: 'tool_use' }, '"search_documents"'],
    ['malformed', { content: [text('x'.repeat(REPORT_CHARS_MAX + 1))] }, 'out of bounds'],
    ['unreachable', { content: [text('x')], stop: null }, 'without a reason'],
  ])('is %s: %j', async (kind, step, words) => {
    const { ask } = await given(step);
    const failure = failedAs(await ask());
    expect(failure).toMatchObject({ kind, usage: PAID });
    expect(failure.message).toContain(words);
  });

  it('is malformed when the JSON of a call breaks off, although the SDK would mend it', async () => {
    const { ask } = await given({ content: [use('t', 'search_documents', {})], inputJson: '{"query": "log"' });
    expect(failedAs(await ask())).toMatchObject({ kind: 'malformed', usage: PAID });
  });

  it('is malformed when the JSON of a call is none at all', async () => {
    const { ask } = await given({ content: [use('t', 'search_documents', {})], inputJson: '{"a" "b"}}' });
    expect(failedAs(await ask())).toMatchObject({ kind: 'malformed', usage: { inputTokens: 101 } });
  });

  it('is malformed with one call more than an answer may hold, and none less', async () => {
    const calls = (count: number) =>
      Array.from({ length: count }, (_, index) => use(`t${index}`, 'search_documents', { query: 'log' }));
    const { ask } = await given({ content: calls(CALLS_PER_ANSWER_MAX) }, { content: calls(CALLS_PER_ANSWER_MAX + 1) });
    expect(replied(await ask()).toolCalls).toHaveLength(CALLS_PER_ANSWER_MAX);
    expect(failedAs(await ask())).toMatchObject({ kind: 'malformed', usage: PAID });
  });

  it('is reckoned by what was written where the service counted nothing, or not to the end', async () => {
    const long = 'x'.repeat(1_000);
    const { ask } = await given({ content: [text(long)], events: 5, end: 'lost' });
    const failure = failedAs(await ask());
    expect(failure).toMatchObject({ kind: 'unreachable', usage: { inputTokens: 101, outputTokens: 500 } });
  });
});

describe('a call of the Messages API that fails', () => {
  it.each([
    ['unauthorised', { error: 401 }],
    ['unauthorised', { error: 403 }],
    ['too_large', { error: 413 }],
    ['overloaded', { error: 529 }],
    ['unreachable', { error: 500 }],
    ['rejected', { error: 400, message: 'messages: roles must alternate' }],
    ['rejected', { error: 404 }],
    ['spent', { error: 429, details: { error_code: 'enforced_spend_limit_reached' } }],
    ['spent', { error: 400, message: 'You have reached your specified API usage limits.' }],
    ['too_long', { error: 400, message: 'prompt is too long: 9 tokens > 8 maximum' }],
    ['echo', { error: 400, message: 'messages.1.content.0: thinking block is bound to a different conversation' }],
    ['unreachable', { content: [text('hi')], events: 4 }],
    ['unreachable', { content: [text('hi')], events: 4, end: 'lost' as const }],
    ['unreachable', { events: 0 }],
    ['malformed', { events: 1, raw: 'event: content_block_start\ndata: {"type": "content_\n\n' }],
  ])('is %s after one request: %j', async (kind, step) => {
    const { ask, server } = await given(step);
    expect(failedAs(await ask()).kind).toBe(kind);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate_limited'],
    ['api_error', 'unreachable'],
  ])('with %s in the middle of its stream is %s, and was paid', async (type, kind) => {
    const raw = eventOf({ type: 'error', error: { type, message: 'no' } });
    const { ask } = await given({ content: [text('hi')], events: 4, raw });
    expect(failedAs(await ask())).toMatchObject({ kind, message: 'no', usage: { inputTokens: 101 } });
  });

  it('tells how long to wait', async () => {
    const { ask } = await given({ error: 429, headers: { 'retry-after': '7' } });
    expect(failedAs(await ask())).toMatchObject({ kind: 'rate_limited', status: 429, retryAfterMs: 7_000 });
  });

  it('names a parameter if the request held it, and is rejected for one that it did not hold', async () => {
    const message = 'tool_choice: type "tool" and "any" are not supported for this model.';
    const { ask } = await given({ error: 400, message }, { error: 400, message });
    expect(failedAs(await ask())).toMatchObject({ kind: 'parameter', parameter: 'tool_choice' });
    const failure = failedAs(await ask(callOf({ without: new Set(['tool_choice']) })));
    expect(failure.kind).toBe('rejected');
    expect(failure.parameter).toBeUndefined();
  });

  it('keeps the key out of its message when the service quotes it', async () => {
    const apiKey = 'a-key-of-unusual-shape';
    const { ask } = await given({ error: 401, message: `invalid key ${apiKey}` });
    expect(failedAs(await ask(callOf(), { apiKey })).message).toBe('401 invalid key [redacted]');
  });

  it('is unreachable when nobody listens', async () => {
    const { ask, close } = await given();
    await close();
    running.length = 0;
    expect(failedAs(await ask()).kind).toBe('unreachable');
  });

  it('is aborted before, while it waits, and in the middle of the stream', async () => {
    const { ask, server } = await given({ end: 'open', content: [text('x')], events: 5 });
    expect(failedAs(await ask(callOf(), { signal: AbortSignal.abort() })).kind).toBe('aborted');
    expect(server.requests).toHaveLength(0);
    const abort = new AbortController();
    const failure = failedAs(await ask(callOf(), { signal: abort.signal, listener: { text: () => abort.abort() } }));
    expect(failure).toMatchObject({ kind: 'aborted', usage: { inputTokens: 101 } });
  });

  it('needs a key', () => {
    expect(() => anthropicProvider({ name: 'anthropic', apiKey: undefined, baseUrl: undefined })).toThrow('API key');
  });
});

describe('a conversation with the Messages API', () => {
  it('carries each answer back as it came, and the results behind it', async () => {
    const content = [
      THOUGHT,
      { type: 'text', text: 'I search.', citations: null },
      { type: 'redacted_thinking', data: 'ZGF0YQ==' },
      { ...use('toolu_1', 'search_documents', { query: 'log' }), caller: { type: 'direct' } },
    ];
    const { ask, server } = await given({ content, stop: 'tool_use' }, { content: [text('done')] });
    const { text: said, toolCalls, echo } = replied(await ask());
    const answer = { role: 'assistant' as const, text: said, toolCalls, ...(echo && { echo }) };
    const result = { role: 'tool' as const, callId: 'toolu_1', name: 'search_documents', text: '{}', failed: false };
    const question = questionOf({ turns: [...questionOf().turns, answer, result] });
    replied(await ask(callOf({ question })));
    expect(server.requests[1]?.body).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
      ],
    });
  });

  it('is told of a refusal of its results by the words of the service', async () => {
    const { ask } = await given({
      error: 400,
      message: '`tool_use` ids were found without `tool_result` blocks: call_b',
    });
    const question = questionOf({ turns: [...questionOf().turns, ...TWO_CALLS_ANSWERED.slice(0, 2)] });
    expect(failedAs(await ask(callOf({ question })))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('call_b'),
    });
  });
});
