import { describe, expect, it } from 'vitest';
import { OUTPUT_TOKENS_MAX } from '../responses/limits.ts';
import { asking, FIND, given, KEY, refusalOf } from './chat.fixture.ts';

const untooled = (more: object = {}) => ({ model: 'gpt-5.5', messages: asking().messages, ...more });

describe("OpenAI's own chat completions", () => {
  it('refuse tools for gpt-5.5, whatever the effort', async () => {
    const { post } = await given('openai');
    for (const effort of [{}, { reasoning_effort: 'none' }, { reasoning_effort: 'low' }]) {
      expect(await post({ ...asking({ model: 'gpt-5.5' }), ...effort })).toEqual({
        status: 400,
        body: {
          error: {
            message:
              'Function tools with reasoning_effort are not supported for gpt-5.5 in /v1/chat/completions. Please use /v1/responses instead.',
            type: 'invalid_request_error',
            param: 'reasoning_effort',
            code: null,
          },
        },
      });
    }
    expect(await post(untooled())).toMatchObject({ status: 200 });
  });

  it('refuse what Troupe asked before it knew of Responses', async () => {
    const { post } = await given('openai');
    const before = { ...asking({ model: 'gpt-5.5' }), max_tokens: 2_000, tool_choice: 'required' };
    expect(await post(before)).toMatchObject({ status: 400, body: { error: { param: 'reasoning_effort' } } });
    const { tools: _tools, tool_choice: _choice, ...plain } = before;
    expect(await post(plain)).toMatchObject({ status: 400, body: { error: { param: 'max_tokens' } } });
  });

  it('take tools for later models only when these do not reason', async () => {
    const { ask } = await given('openai');
    const tooled = { model: 'gpt-5.6-sol', tools: [FIND] };
    expect(await refusalOf(ask(tooled))).toMatchObject({ status: 400, param: 'reasoning_effort' });
    const answer = await ask({ ...tooled, reasoning_effort: 'none' });
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(
      (
        await ask({
          ...tooled,
          reasoning_effort: 'none',
          tool_choice: { type: 'function', function: { name: 'find' } },
        })
      ).choices[0]?.finish_reason,
    ).toBe('stop');
  });

  it.each<[what: string, body: object, status: number, param: string | null, message: string]>([
    ['max_tokens', untooled({ max_tokens: 100 }), 400, 'max_tokens', "Use 'max_completion_tokens' instead."],
    [
      'too much output',
      untooled({ max_completion_tokens: OUTPUT_TOKENS_MAX + 1 }),
      400,
      'max_completion_tokens',
      `supports at most ${OUTPUT_TOKENS_MAX} completion tokens`,
    ],
    ['a field that nobody knows', untooled({ colour: 1 }), 400, 'colour', "Unknown parameter: 'colour'."],
    ['the instructions of Responses', untooled({ instructions: 'x' }), 400, 'instructions', 'Unknown parameter'],
    [
      'a temperature for a model that reasons',
      untooled({ temperature: 0.2 }),
      400,
      'temperature',
      "'temperature' does not support 0.2 with this model",
    ],
    ['a top_p for a model that reasons', untooled({ top_p: 0.2 }), 400, 'top_p', "'top_p' does not support 0.2"],
    ['logprobs of a model that reasons', untooled({ logprobs: true }), 400, 'logprobs', 'Unsupported parameter'],
    [
      'an effort that the model has not',
      untooled({ reasoning_effort: 'max' }),
      400,
      'reasoning_effort',
      "'max' is not supported with the 'gpt-5.5' model",
    ],
    [
      'no effort of a model that always reasons',
      untooled({ model: 'gpt-6.1-sol', reasoning_effort: 'none' }),
      400,
      'reasoning_effort',
      "'none' is not supported",
    ],
    [
      'a model that is on Responses alone',
      untooled({ model: 'gpt-6-astra' }),
      404,
      'model',
      'only supported in v1/responses',
    ],
    ['a model that there is not', untooled({ model: 'gpt-4' }), 404, null, '`gpt-4` does not exist'],
    [
      'a choice of tools without tools',
      untooled({ tool_choice: 'auto' }),
      400,
      'tool_choice',
      "only allowed when 'tools' are specified",
    ],
    [
      'parallel calls without tools',
      untooled({ parallel_tool_calls: true }),
      400,
      'parallel_tool_calls',
      "only allowed when 'tools' are specified",
    ],
    ['an empty list of tools', untooled({ tools: [] }), 400, 'tools', 'below the minimum of 1'],
    ['an empty conversation', untooled({ messages: [] }), 400, 'messages', 'below the minimum of 1'],
    [
      'a flat tool',
      untooled({ tools: [{ type: 'function', name: 'find' }] }),
      400,
      'tools[0].function',
      "Missing required parameter: 'tools[0].function'.",
    ],
    [
      "Mistral's any",
      { ...asking({ model: 'gpt-5.6-sol', reasoning_effort: 'none' }), tool_choice: 'any' },
      400,
      'tool_choice',
      "Invalid value: 'any'",
    ],
    [
      'a choice of a tool that is not offered',
      {
        ...asking({ model: 'gpt-5.6-sol', reasoning_effort: 'none' }),
        tool_choice: { type: 'function', function: { name: 'lose' } },
      },
      400,
      'tool_choice',
      "'lose' not found in 'tools'",
    ],
    [
      'an open schema of a strict tool',
      {
        ...asking({ model: 'gpt-5.6-sol', reasoning_effort: 'none' }),
        tools: [{ type: 'function', function: { name: 'find', strict: true, parameters: { type: 'object' } } }],
      },
      400,
      'tools[0].function.parameters',
      "Invalid schema for function 'find'",
    ],
    [
      'an open schema of a strict format',
      untooled({
        response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema: { type: 'object' } } },
      }),
      400,
      'response_format',
      "Invalid schema for response_format 'a'",
    ],
    [
      'a prompt above the context',
      untooled({ messages: [{ role: 'user', content: 'x'.repeat(3_700_000) }] }),
      400,
      'messages',
      'maximum context length is 1050000 tokens',
    ],
  ])('refuse %s', async (_what, body, status, param, message) => {
    const { post } = await given('openai');
    expect(await post(body)).toMatchObject({
      status,
      body: { error: { param, message: expect.stringContaining(message) } },
    });
  });

  it('answer nobody without a key, and are at their own path alone', async () => {
    const { post } = await given('openai');
    expect(await post(untooled(), {})).toMatchObject({ status: 401 });
    expect(await post(untooled(), { 'api-key': KEY })).toMatchObject({ status: 401 });
    expect(await post(untooled(), undefined, '/chat/completions')).toMatchObject({ status: 404 });
  });
});
