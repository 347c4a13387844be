import type { Question, Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { callOf, failure, KEY, NEVER, replied } from '../openai/call.fixture.ts';
import { startSseServer } from '../openai/sse-server.fixture.ts';
import type { Step } from '../openai/sse-server.fixture.ts';
import type { Call } from '../provider.ts';
import { questionOf } from '../question.fixture.ts';
import { chatModel, chunk, finish, piece, usage } from './chat.fixture.ts';
import { chatProvider } from './provider.ts';

async function given(...steps: Step[]) {
  const server = await startSseServer(steps);
  const provider = chatProvider({ name: 'compatible', apiKey: KEY, baseUrl: server.baseUrl });
  const texts: string[] = [];
  const ask = (question: Partial<Question> = {}, different: Partial<Call> = {}) =>
    provider.ask(callOf(question, { model: chatModel(), ...different }), NEVER, { text: (text) => texts.push(text) });
  return { server, ask, texts };
}
const answered = (...events: object[]): Step => ({ events, then: 'done' });
const begin = { id: 'call_1', name: 'search_documents' };
const called = [piece(0, '', begin), piece(0, '{"query":'), piece(0, '"log"}')];
const QUERIED = { name: 'search_documents', arguments: { query: 'log' } };

describe('an answer of a chat completion', () => {
  it('is text, calls and usage', async () => {
    const counted = usage({
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 8 },
    });
    const { ask, server, texts } = await given(
      answered(
        chunk({ role: 'assistant', content: 'I ' }),
        chunk({ content: 'search.' }),
        ...called,
        finish('tool_calls'),
        counted,
      ),
    );
    expect(replied(await ask())).toEqual({
      ok: true,
      model: 'served-model',
      text: 'I search.',
      toolCalls: [{ id: 'call_1', ...QUERIED }],
      stop: 'tools',
      usage: { inputTokens: 101, outputTokens: 23, cacheReadTokens: 64, thinkingTokens: 8 },
    });
    expect(texts).toEqual(['I ', 'search.']);
    expect(server.requests[0]?.path).toBe('/v1/chat/completions');
  });

  it.each(['stop', 'tool_calls', 'function_call', 'eos'])('has its calls when it finishes by %s', async (reason) => {
    const { ask } = await given(answered(...called, finish(reason)));
    expect(replied(await ask())).toMatchObject({ stop: 'tools', toolCalls: [QUERIED] });
  });

  it('that finishes for calls without one is at its end', async () => {
    const { ask } = await given(answered(chunk({ content: 'done', tool_calls: [] }), finish('tool_calls')));
    expect(replied(await ask())).toMatchObject({ stop: 'end', toolCalls: [], text: 'done' });
  });

  it.each<[string, object[]]>([
    ['as an object', [piece(0, { query: 'log' }, begin)]],
    ['without an index', [chunk({ tool_calls: [{ ...begin, function: { ...begin, arguments: '{"query":"log"}' } }] })]],
    [
      'in pieces without an index',
      [
        chunk({ content: null, tool_calls: [{ id: 'call_1', function: { name: 'search_documents' } }] }),
        chunk({ tool_calls: [{ function: { arguments: '{"query":' } }] }),
        chunk({ tool_calls: [{ id: 'call_1', function: { arguments: '"log"}' } }] }),
      ],
    ],
    ['with ID and name in each piece', [piece(0, '{"query":', begin), piece(0, '"log"}', begin)]],
    ['between empty choices and comments', [{ choices: [] }, ...called, { choices: [] }]],
    [
      'in a message that is not streamed',
      [
        {
          choices: [
            {
              message: {
                content: '',
                tool_calls: [{ ...begin, function: { name: begin.name, arguments: '{"query":"log"}' } }],
              },
            },
          ],
        },
      ],
    ],
  ])('has a call that comes %s', async (_how, events) => {
    const { ask } = await given({ events: [...events, finish('stop')], then: 'done', comments: true });
    expect(replied(await ask()).toolCalls).toEqual([{ id: 'call_1', ...QUERIED }]);
  });

  it.each<[string, object[]]>([
    ['IDs that are missing', [piece(0, '{}', { name: 'a' }), piece(1, '{}', { name: 'b' })]],
    ['IDs that are empty', [piece(0, '{}', { id: '', name: 'a' }), piece(1, '{}', { id: '', name: 'b' })]],
    ['the same ID', [piece(0, '{}', { id: 'call_0', name: 'a' }), piece(1, '{}', { id: 'call_0', name: 'b' })]],
    [
      'the same ID and no index',
      [
        chunk({
          tool_calls: [
            { id: 'x', function: { name: 'a' } },
            { id: 'x', function: { name: 'b', arguments: '' } },
          ],
        }),
      ],
    ],
    ['one index and no ID', [piece(0, '{}', { name: 'a' }), piece(0, '{}', { name: 'b' })]],
    ['one index and two IDs', [piece(0, '', { id: 'x', name: 'a' }), piece(0, '', { id: 'y', name: 'b' })]],
  ])('tells two calls apart that have %s, each time in the same way', async (_what, events) => {
    const { ask } = await given(answered(...events, finish('stop')), answered(...events, finish('stop')));
    const first = replied(await ask()).toolCalls;
    expect(first).toMatchObject([
      { name: 'a', arguments: {} },
      { name: 'b', arguments: {} },
    ]);
    expect(new Set(first.map(({ id }) => id)).size).toBe(2);
    expect(replied(await ask()).toolCalls).toEqual(first);
  });

  it('has no ID that an earlier call has', async () => {
    const { ask } = await given(answered(...called, finish('stop')));
    const turns: Turn[] = [
      ...questionOf().turns,
      { role: 'assistant', text: '', toolCalls: [{ id: 'call_1', name: 'a', arguments: {} }] },
    ];
    expect(replied(await ask({ turns })).toolCalls[0]?.id).not.toBe('call_1');
  });

  it('has an estimated usage where the server does not tell, and all that Gemini thought where it tells the sum', async () => {
    const { ask } = await given(
      answered(chunk({ content: 'four' }), finish('stop')),
      answered(chunk({ content: 'four' }), finish('stop'), usage({ total_tokens: 624 })),
      answered(chunk({ content: 'four' }), finish('stop'), { choices: [], usage: { prompt_tokens: 'many' } }),
    );
    const estimated = replied(await ask()).usage;
    expect(estimated.outputTokens).toBe(1);
    expect(estimated.inputTokens).toBeGreaterThan(50);
    expect(replied(await ask()).usage).toEqual({ inputTokens: 101, outputTokens: 523 });
    expect(replied(await ask()).usage).toEqual(estimated);
  });

  it('has no thoughts in its text, wherever they come', async () => {
    const { ask, texts } = await given(
      answered(
        chunk({ reasoning_content: 'Hm.', reasoning: 'Hm.' }),
        chunk({ content: '\n<thi' }),
        chunk({ content: 'nk>Let me see.</th' }),
        chunk({ content: 'ink>\n\nThe log' }),
        chunk({ content: ' is kept. <think>' }),
        finish('stop'),
      ),
    );
    expect(replied(await ask()).text).toBe('The log is kept. <think>');
    expect(texts.join('')).toBe('The log is kept. <think>');
  });

  it.each([
    [['<', 'b>'], '<b>'],
    [[' \n'], ' \n'],
    [['<think>never', ' ends'], ''],
    [['<think></think>'], ''],
  ])('has the text of %j as it is', async (deltas, text) => {
    const { ask, texts } = await given(answered(...deltas.map((content) => chunk({ content })), finish('stop')));
    expect(replied(await ask()).text).toBe(text);
    expect(texts.join('')).toBe(text);
  });

  it('has the text of a list of parts', async () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'The log.' },
    ];
    const { ask } = await given(answered(chunk({ content }), finish('stop')));
    expect(replied(await ask()).text).toBe('The log.');
  });

  it.each(['length', 'model_length'])('that was cut off by %s has its text, and no call', async (reason) => {
    const { ask } = await given(answered(chunk({ content: 'half' }), piece(0, '{"query": "lo', begin), finish(reason)));
    expect(replied(await ask())).toMatchObject({ text: 'half', toolCalls: [], stop: 'length' });
  });

  it('brings what Gemini signed back with its call, and to that model alone', async () => {
    const signed = { google: { thought_signature: 'c2VhbGVk' } };
    const events = [
      chunk({
        tool_calls: [{ id: 'a', function: { name: 'search_documents', arguments: '{}' }, extra_content: signed }],
      }),
      chunk({ tool_calls: [{ id: 'b', function: { name: 'search_documents', arguments: '{}' } }] }),
    ];
    const { ask, server } = await given(answered(...events, finish('stop')), finished(), finished(), finished());
    const { text, toolCalls, echo } = replied(await ask());
    const turns: Turn[] = [...questionOf().turns, { role: 'assistant', text, toolCalls, ...(echo && { echo }) }];
    await ask({ turns });
    await ask({ turns }, { echoes: false });
    await ask({ turns }, { model: chatModel({}, { name: 'another' }) });
    const sent = server.requests.slice(1).map(({ body }) => JSON.stringify(body['messages']));
    expect(sent.map((messages) => messages.includes('c2VhbGVk'))).toEqual([true, false, false]);
    const call = (id: string) => ({ id, type: 'function', function: { name: 'search_documents', arguments: '{}' } });
    expect(server.requests[1]?.body['messages']).toMatchObject([
      {},
      {},
      { tool_calls: [{ ...call('a'), extra_content: signed }, call('b')] },
    ]);
  });
});

const finished = () => answered(chunk({ content: 'done' }), finish('stop'));

describe('a failure of a chat completion', () => {
  it('sends a key to servers that have none: the SDK insists on one', async () => {
    const server = await startSseServer([finished()]);
    const provider = chatProvider({ name: 'ollama', apiKey: undefined, baseUrl: server.baseUrl });
    replied(await provider.ask(callOf({}, { model: chatModel() }), NEVER));
    expect(server.requests[0]?.authorization).toBe('Bearer none');
  });

  it.each<[string, number, unknown, object]>([
    [
      'OpenAI',
      400,
      { error: { message: 'no', param: 'tool_choice', code: null } },
      { kind: 'parameter', parameter: 'tool_choice' },
    ],
    [
      'OpenAI of the old name of the limit',
      400,
      { error: { message: "Unsupported parameter: 'max_tokens'", param: 'max_tokens', code: 'unsupported_parameter' } },
      { kind: 'parameter', parameter: 'max_tokens' },
    ],
    [
      'a limit that is too large',
      400,
      { error: { message: 'max_tokens is too large: 2000', param: 'max_tokens', code: 'invalid_value' } },
      { kind: 'rejected' },
    ],
    [
      'vLLM',
      400,
      { object: 'error', message: "This model's maximum context length is 4096 tokens.", code: 400 },
      { kind: 'too_long' },
    ],
    [
      'llama.cpp',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
        },
      },
      { kind: 'too_long' },
    ],
    [
      'Gemini',
      400,
      [
        {
          error: {
            code: 400,
            message: 'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.',
          },
        },
      ],
      { kind: 'parameter', parameter: 'stream_options' },
    ],
    [
      'Gemini of the context',
      400,
      [
        {
          error: { message: 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).' },
        },
      ],
      { kind: 'too_long' },
    ],
    [
      'Mistral',
      422,
      {
        object: 'error',
        message: { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] },
      },
      { kind: 'parameter', parameter: 'stream_options' },
    ],
    [
      'LM Studio',
      400,
      { error: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" },
      { kind: 'parameter', parameter: 'tool_choice' },
    ],
    [
      'Ollama',
      400,
      { error: { message: 'registry.ollama.ai/library/gemma does not support tools' } },
      { kind: 'rejected' },
    ],
    [
      'tools that only Responses has',
      400,
      {
        error: {
          message: 'Function tools with reasoning_effort are not supported for gpt-5.5 in /v1/chat/completions.',
          param: 'reasoning_effort',
          code: null,
        },
      },
      { kind: 'rejected' },
    ],
    [
      'Azure',
      400,
      { error: { message: 'The response was filtered', param: 'prompt', code: 'content_filter' } },
      { kind: 'refused' },
    ],
    ['a proxy', 502, '<html>Bad Gateway</html>', { kind: 'unreachable' }],
    ['a key', 401, { error: { message: `Incorrect API key provided: ${KEY}` } }, { kind: 'unauthorised' }],
    ['a page as large as nobody reads', 400, 'x'.repeat(100_000), { kind: 'rejected' }],
  ])('in the words of %s tells what may help', async (_who, status, body, expected) => {
    const { ask } = await given({ status, body });
    const told = failure(await ask());
    expect(told).toMatchObject({ ...expected, status });
    if (expected !== undefined && !('parameter' in expected)) expect(told).not.toHaveProperty('parameter');
  });

  it('that names a choice by name is about the name alone', async () => {
    const { ask } = await given({ status: 400, body: { error: "Invalid tool_choice type: 'object'." } });
    expect(failure(await ask({ only: 'submit_findings' }))).toMatchObject({
      kind: 'parameter',
      parameter: 'tool_choice.function',
    });
  });

  it.each([
    [429, 'rate_limited'],
    [502, 'unreachable'],
    ['server_error', 'unreachable'],
  ])('inside a stream with the code %s is %s, and what came was paid', async (code, kind) => {
    const broken = {
      ...chunk({ content: '' }, { finish_reason: 'error' }),
      error: { code, message: 'Provider disconnected' },
    };
    const { ask } = await given(answered(chunk({ content: 'half of it' }), broken));
    expect(failure(await ask())).toMatchObject({ kind, usage: { outputTokens: 3 } });
  });

  it.each<[string, Step, string]>([
    ['is cut', { events: [chunk({ content: 'half of it' })], then: 'cut' }, 'unreachable'],
    ['ends without a reason', { events: [chunk({ content: 'half of it' })] }, 'unreachable'],
    ['breaks off', answered(chunk({ content: 'half' }), finish('error')), 'unreachable'],
    ['has no choice', answered(usage()), 'malformed'],
    ['is no completion', answered({ choices: 'none' }), 'malformed'],
    ['is no JSON', { raw: 'data: {"choices":\n\n' }, 'malformed'],
    ['is refused', answered(chunk({ refusal: 'I will not.' }), finish('stop')), 'refused'],
    ['is filtered', answered(chunk({ content: 'How' }), finish('content_filter')), 'refused'],
  ])('where the stream %s', async (_what, step, kind) => {
    const { ask } = await given(step);
    expect(failure(await ask()).kind).toBe(kind);
  });

  it.each(['{"query":', '[1]', '"log"', 'null'])(
    'where the arguments are %s is malformed, and was paid',
    async (written) => {
      const { ask } = await given(answered(piece(0, written, begin), finish('stop'), usage()));
      expect(failure(await ask())).toMatchObject({ kind: 'malformed', usage: { outputTokens: 23 } });
    },
  );

  it('by an abort in the middle of the stream ends the request at once', async () => {
    const server = await startSseServer([{ events: [chunk({ content: 'half' })], then: 'hang' }]);
    const abort = new AbortController();
    const provider = chatProvider({ name: 'compatible', apiKey: KEY, baseUrl: server.baseUrl });
    const asked = provider.ask(callOf({}, { model: chatModel() }), abort.signal, { text: () => abort.abort() });
    expect(failure(await asked).kind).toBe('aborted');
  });
});
