import { describe, expect, it } from 'vitest';
import { callOf, failure, KEY, NEVER, replied } from '../openai/call.fixture.ts';
import { startSseServer } from '../openai/sse-server.fixture.ts';
import type { Step } from '../openai/sse-server.fixture.ts';
import { answered, begin, chatModel, chunk, finish, finished, given, piece, usage } from './chat.fixture.ts';
import { chatProvider } from './provider.ts';

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
    expect('parameter' in told).toBe('parameter' in expected);
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
    ['is cut', { events: [chunk({ content: 'half of it' })], ending: 'cut' }, 'unreachable'],
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
    const server = await startSseServer([{ events: [chunk({ content: 'half' })], ending: 'hang' }]);
    const abort = new AbortController();
    const provider = chatProvider({ name: 'compatible', apiKey: KEY, baseUrl: server.baseUrl });
    const asked = provider.ask(callOf({}, { model: chatModel() }), abort.signal, { text: () => abort.abort() });
    expect(failure(await asked).kind).toBe('aborted');
  });
});
