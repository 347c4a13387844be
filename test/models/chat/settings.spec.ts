import { describe, expect, it } from 'vitest';
import { OUTPUT_TOKENS_MAX } from '../responses/limits.ts';
import { answered, asking, FIND, given, KEY, refusalOf } from './chat.fixture.ts';
import { AZURE_DEPLOYMENT } from './settings.ts';

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

describe('a compatible server', () => {
  it.each(['openrouter', 'gemini', 'mistral'])('%s answers nobody without a key', async (dialect) => {
    const { post } = await given(dialect);
    expect(await post(asking(), {})).toMatchObject({ status: 401 });
  });

  it.each(['plain', 'ollama', 'vllm', 'llama.cpp', 'lmstudio'])(
    "%s of one's own needs no key and ignores what it does not know",
    async (dialect) => {
      const { post } = await given(dialect);
      const unknown = {
        colour: { of: 1 },
        messages: [{ role: 'user', content: 'cats', colour: 1 }],
        tools: [{ ...FIND, colour: 1 }],
      };
      expect(await post({ ...asking(), ...unknown }, {})).toMatchObject({
        status: 200,
        body: { choices: [{ message: { tool_calls: [{}] } }] },
      });
      expect(await post({ ...asking(), colour: 1, messages: 7 }, {})).toMatchObject({ status: 400 });
    },
  );

  it('at Azure has deployments for models and takes its key in either header', async () => {
    const { post } = await given('azure');
    const body = { ...untooled(), model: AZURE_DEPLOYMENT };
    expect(await post(body, { 'api-key': KEY }, '/openai/v1/chat/completions')).toMatchObject({ status: 200 });
    expect(await post(body)).toMatchObject({ status: 200 });
    expect(await post(body, {})).toMatchObject({ status: 401 });
    expect(await post(untooled())).toMatchObject({ status: 404, body: { error: { code: 'DeploymentNotFound' } } });
  });

  it('may refuse any one parameter by its name', async () => {
    const { ask } = await given('plain+refuses:stream_options+refuses:tool_choice');
    const refused = await refusalOf(ask({ stream_options: { include_usage: true } }));
    expect(refused).toMatchObject({ status: 400, param: 'stream_options', code: 'unknown_parameter' });
    expect(await refusalOf(ask({ tool_choice: 'auto' }))).toMatchObject({ param: 'tool_choice' });
    expect((await ask()).choices).toHaveLength(1);
  });

  it('may have a smaller context', async () => {
    const { ask } = await given('llama.cpp+context:1000');
    const messages = [{ role: 'user' as const, content: 'x'.repeat(3_600) }];
    expect(await refusalOf(ask({ messages }))).toMatchObject({
      status: 400,
      message: expect.stringContaining('maximum context length is 1000'),
    });
    expect((await ask()).choices).toHaveLength(1);
  });

  it('is refused by its maker when its name or a switch is not known', async () => {
    await expect(given('clippy')).rejects.toThrow('there is no dialect "clippy"');
    await expect(given('plain+loud')).rejects.toThrow('no dialect can "loud"');
    await expect(given('plain+context:x')).rejects.toThrow('no dialect can "context:x"');
  });

  it("at Mistral takes neither OpenAI's parameters nor its choices, and says so in a form of its own", async () => {
    const { post } = await given('mistral');
    const refused = (loc: string) => ({
      status: 422,
      body: { object: 'error', message: { detail: [{ loc: ['body', loc] }] } },
    });
    expect(await post({ ...asking(), stream_options: { include_usage: true } })).toMatchObject(
      refused('stream_options'),
    );
    expect(await post({ ...asking(), max_completion_tokens: 9 })).toMatchObject(refused('max_completion_tokens'));
    expect(await post({ ...asking(), tool_choice: 'required' })).toMatchObject(refused('tool_choice'));
    expect(await post({ ...asking(), tool_choice: 'any', max_tokens: 999 })).toMatchObject({ status: 200 });
  });

  it('at Gemini says in a list what it refuses', async () => {
    const { post } = await given('gemini');
    expect(await post({ ...asking(), store: false })).toEqual({
      status: 400,
      body: [{ error: { code: 400, message: expect.stringContaining('store'), status: 'INVALID_ARGUMENT' } }],
    });
  });

  it('at LM Studio takes a choice only as a text, and says so in a text', async () => {
    const { post, ask } = await given('lmstudio');
    const choice = { type: 'function' as const, function: { name: 'find' } };
    expect(await post({ ...asking(), tool_choice: choice })).toEqual({
      status: 400,
      body: { error: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" },
    });
    expect(await refusalOf(ask({ tool_choice: choice }))).toMatchObject({
      message: expect.stringContaining('Invalid tool_choice type'),
    });
    expect((await ask({ tool_choice: 'required' })).choices[0]?.finish_reason).toBe('tool_calls');
  });

  it.each<[string, object]>([
    ['vllm', { error: { type: 'BadRequestError', code: 400, message: expect.stringContaining("'any'") } }],
    ['llama.cpp', { error: { type: 'invalid_request_error', code: 400, message: expect.any(String) } }],
    ['openrouter', { error: { code: 400, message: expect.stringContaining("'any'") }, user_id: expect.any(String) }],
  ])('%s words what it refuses in its own way', async (dialect, body) => {
    const { post } = await given(dialect);
    const request = { ...asking(), tool_choice: 'any', ...(dialect === 'llama.cpp' ? { messages: 7 } : {}) };
    expect(await post(request)).toEqual({
      status: 400,
      body: { ...body, error: expect.objectContaining(Object(body).error) },
    });
  });

  it.each(['plain', 'azure', 'ollama', 'vllm', 'llama.cpp', 'lmstudio', 'openrouter', 'gemini', 'mistral'])(
    '%s goes on when its own answer comes back with a result for each call',
    async (dialect) => {
      const { ask } = await given(dialect);
      const model = dialect === 'azure' ? AZURE_DEPLOYMENT : 'some-model';
      const messages = [{ role: 'user' as const, content: 'cats dogs' }];
      const first = await ask({ model, messages });
      expect(first.choices[0]?.message.tool_calls).toHaveLength(2);
      const { content, tool_calls: calls } = first.choices[0]?.message ?? {};
      const then = answered(messages, { role: 'assistant', content, tool_calls: calls });
      const second = await ask({ model, messages: then });
      expect(second.choices[0]?.message.content).toContain('Found — “R” 🔎.');
      const third = [
        ...then,
        { role: 'assistant' as const, content: 'So.' },
        { role: 'user' as const, content: 'birds' },
      ];
      expect((await ask({ model, messages: third })).choices[0]?.message.tool_calls).toHaveLength(1);
    },
  );
});
