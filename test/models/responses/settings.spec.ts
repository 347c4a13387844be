import { describe, expect, it } from 'vitest';
import { REQUEST_BYTES_MAX } from '../incoming.ts';
import { OUTPUT_TOKENS_MAX, OUTPUT_TOKENS_MIN } from './limits.ts';
import { asking, FIND, given, KEY } from './responses.fixture.ts';

const item = { role: 'user', content: 'cats' };

describe('a Responses server', () => {
  it.each<[what: string, body: object, param: string | null, message: string]>([
    ['a field that nobody knows', { ...asking(), colour: 1 }, 'colour', "Unknown parameter: 'colour'."],
    [
      'a field that nobody knows in an item',
      { ...asking(), input: [{ ...item, colour: 1 }] },
      'input[0].colour',
      "Unknown parameter: 'input[0].colour'.",
    ],
    [
      'a tool as chat completions nest it',
      { ...asking(), tools: [{ type: 'function', function: FIND }] },
      'tools[0].name',
      "Missing required parameter: 'tools[0].name'.",
    ],
    ...(['max_tokens', 'max_completion_tokens', 'messages', 'response_format', 'reasoning_effort'] as const).map(
      (name): [string, object, string, string] => [
        `${name}, which is of chat completions`,
        { ...asking(), [name]: 1 },
        name,
        `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to`,
      ],
    ),
    ['a request without a model', { ...asking(), model: undefined }, 'model', "Missing required parameter: 'model'."],
    ['a request without input', { ...asking(), input: undefined }, 'input', "Missing required parameter: 'input'."],
    ['an empty input', { ...asking(), input: [] }, 'input', 'must be provided'],
    ['a number as input', { ...asking(), input: 7 }, 'input', "Invalid type for 'input': expected a string"],
    [
      'text as users give it from the assistant',
      { ...asking(), input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
      'input[0].content[0].type',
      "Invalid value: 'input_text'",
    ],
    [
      'an include of something else',
      { ...asking(), include: ['thoughts'] },
      'include[0]',
      "Invalid value: 'thoughts'. Supported values are: 'file_search_call.results'",
    ],
    [
      'more output than a model can give',
      { ...asking(), max_output_tokens: OUTPUT_TOKENS_MAX + 1 },
      'max_output_tokens',
      `Expected a value <= ${OUTPUT_TOKENS_MAX}, but got ${OUTPUT_TOKENS_MAX + 1} instead.`,
    ],
    [
      'less output than is useful',
      { ...asking(), max_output_tokens: OUTPUT_TOKENS_MIN - 1 },
      'max_output_tokens',
      `Expected a value >= ${OUTPUT_TOKENS_MIN}, but got ${OUTPUT_TOKENS_MIN - 1} instead.`,
    ],
    [
      'a longer cache key than there are',
      { ...asking(), prompt_cache_key: 'k'.repeat(65) },
      'prompt_cache_key',
      'string too long. Expected a string with maximum length 64',
    ],
    [
      'a name that no tool can have',
      { ...asking(), tools: [{ ...FIND, name: 'find it' }] },
      'tools[0].name',
      "string does not match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    ['two tools of one name', { ...asking(), tools: [FIND, FIND] }, 'tools[1].name', 'Duplicate tool name'],
    [
      'a strict tool that is open',
      { ...asking(), tools: [{ ...FIND, parameters: { type: 'object', properties: {}, required: [] } }] },
      'tools[0].parameters',
      "Invalid schema for function 'find': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'a strict format that is open',
      {
        ...asking(),
        text: { format: { type: 'json_schema', name: 'a', schema: { type: 'object' }, strict: true } },
      },
      'text.format.schema',
      "Invalid schema for response_format 'a'",
    ],
    [
      'a forced call without tools',
      { ...asking(), tools: [] },
      'tool_choice',
      "'required' must be specified with 'tools'",
    ],
    [
      'a choice of a tool that is not offered',
      { ...asking(), tool_choice: { type: 'function', name: 'lose' } },
      'tool_choice',
      "not found in 'tools'",
    ],
    [
      'a choice as chat completions nest it',
      { ...asking(), tool_choice: { type: 'function', function: { name: 'find' } } },
      'tool_choice.name',
      "Missing required parameter: 'tool_choice.name'.",
    ],
    ...(['temperature', 'top_p', 'top_logprobs'] as const).map((name): [string, object, string, string] => [
      `${name} for a model that reasons`,
      { ...asking(), [name]: 1 },
      name,
      `Unsupported parameter: '${name}' is not supported with this model.`,
    ]),
    [
      'a response before it that nobody kept',
      { ...asking(), previous_response_id: 'resp_1' },
      'previous_response_id',
      "Previous response with id 'resp_1' not found.",
    ],
    [
      'a prompt above the context',
      { ...asking(), input: 'x'.repeat(3_700_000) },
      'input',
      'exceeds the context window',
    ],
  ])('refuses %s', async (_what, body, param, message) => {
    const { post } = await given();
    expect(await post(body)).toEqual({
      status: 400,
      body: {
        error: {
          message: expect.stringContaining(message),
          type: 'invalid_request_error',
          param,
          code: expect.toSatisfy((code) => code === null || typeof code === 'string'),
        },
      },
    });
  });

  it.each([
    ['gpt-5.5', ['none', 'low', 'medium', 'high', 'xhigh'], ['minimal', 'max']],
    ['gpt-5.6-sol', ['none', 'max'], ['minimal']],
    ['gpt-6-luna', ['none', 'max'], ['minimal']],
    ['gpt-6.1-terra', ['none', 'max'], ['minimal']],
    ['gpt-6.1-sol', ['low', 'medium', 'high', 'xhigh', 'max'], ['none', 'minimal']],
    ['gpt-6-astra', ['low', 'medium', 'high', 'xhigh', 'max'], ['none', 'minimal']],
  ])('takes of %s the efforts %j and refuses %j', async (model, taken, refused) => {
    const { post } = await given();
    for (const effort of taken)
      expect(await post({ ...asking({ model }), reasoning: { effort } })).toMatchObject({ status: 200 });
    for (const effort of refused) {
      expect(await post({ ...asking({ model }), reasoning: { effort } })).toMatchObject({
        status: 400,
        body: {
          error: { param: 'reasoning.effort', code: 'unsupported_value', message: expect.stringContaining(model) },
        },
      });
    }
  });

  it('takes sampling parameters from who turned the reasoning off', async () => {
    const { post } = await given();
    expect(await post({ ...asking(), temperature: 0.2, reasoning: { effort: 'none' } })).toMatchObject({ status: 200 });
  });

  it('knows no other models', async () => {
    const { post } = await given();
    expect(await post(asking({ model: 'gpt-4' }))).toMatchObject({
      status: 404,
      body: { error: { code: 'model_not_found', message: expect.stringContaining('`gpt-4`') } },
    });
  });

  it.each([{}, { authorization: 'Bearer' }, { authorization: KEY }, { 'x-api-key': KEY }])(
    'answers nobody without a key: %j',
    async (headers) => {
      const { post } = await given();
      const { status, body } = await post(asking(), headers);
      expect(status).toBe(401);
      expect(JSON.stringify(body)).not.toContain(KEY);
    },
  );

  it('refuses a body over 32 MB as too large and one that is no JSON as that', async () => {
    const { post } = await given();
    expect(await post('x'.repeat(REQUEST_BYTES_MAX + 1))).toMatchObject({ status: 413 });
    expect(await post('{')).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('JSON') } },
    });
    expect(await post('[]')).toMatchObject({ status: 400 });
  });

  it('is at its own paths alone', async () => {
    const { post, server } = await given();
    expect(await post(asking(), undefined, '/responses')).toMatchObject({ status: 404 });
    expect(await post(asking(), undefined, '/v1/chat/completions')).toMatchObject({ status: 404 });
    expect((await fetch(`${server.origin}/v1/responses`)).status).toBe(404);
  });

  it('counts what a prompt would cost and refuses in it what it refuses in a question', async () => {
    const { client, post } = await given();
    const { model, input, tools } = asking();
    const short = await client.responses.inputTokens.count({ model, input, tools });
    const long = await client.responses.inputTokens.count({ model, input: 'x'.repeat(3_500), tools });
    expect(long.input_tokens - short.input_tokens).toBeGreaterThan(950);
    const path = '/v1/responses/input_tokens';
    const refused = await post({ model, input, tools: [{ ...FIND, parameters: {} }] }, undefined, path);
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'tools[0].parameters' } } });
    expect(await post({ model, input, store: false }, undefined, path)).toMatchObject({
      body: { error: { param: 'store' } },
    });
  });
});
