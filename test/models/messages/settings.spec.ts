import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { competent } from '../characters/competent.ts';
import { REQUEST_BYTES_MAX } from '../incoming.ts';
import type { ModelServer } from '../serve.ts';
import { FIND, parrot, post, QUESTION, startMessages } from './messages.fixture.ts';
import { MODELS } from './models.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startMessages(parrot({ text: 'Yes.' }));
});
afterAll(() => server.close());

const messageOf = async (different: Record<string, unknown>) =>
  (await post(server, { ...QUESTION, ...different })).error?.message;

const NOT_FORCED = 'tool_choice: type "tool" and "any" are not supported for this model.';
const mark = { cache_control: { type: 'ephemeral' } };
const adaptive = { type: 'adaptive' };
const ENABLED = { type: 'enabled', budget_tokens: 2_000 };

describe('what every model refuses', () => {
  it.each([
    ['an unknown field', { reasoning_effort: 'low' }, 'reasoning_effort: Extra inputs are not permitted'],
    ['an unknown field inside', { metadata: { run: 'r' } }, 'metadata.run: Extra inputs are not permitted'],
    [
      'an unknown field of a block',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'Q', extra: 1 }] }] },
      'messages.0.content.0.extra: Extra inputs are not permitted',
    ],
    ['a tool in the shape of another vendor', { tools: [{ type: 'function', function: FIND }] }, /^tools\.0\./],
    ['an answer without a limit', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['no turn at all', { messages: [] }, /^messages: /],
    ['two tools of one name', { tools: [FIND, FIND] }, 'tools: Tool names must be unique.'],
    ['a choice without tools', { tools: [] }, 'tool_choice may only be specified while providing tools.'],
    ['a thinking budget', { thinking: ENABLED }, 'thinking: "thinking.type.enabled" is not supported for this model.'],
    ['a temperature', { temperature: 0 }, 'temperature: only the default value is supported for this model.'],
    ['top_p', { top_p: 0.5 }, 'top_p: only the default value is supported for this model.'],
    ['top_k', { top_k: 5 }, 'top_k: only the default value is supported for this model.'],
    ['an unknown effort', { output_config: { effort: 'minimal' } }, /^output_config\.effort: /],
    [
      'a prefilled answer',
      { messages: [...QUESTION.messages, { role: 'assistant', content: 'It is' }] },
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    ],
    [
      'more output than the model has',
      { max_tokens: 128_001 },
      'max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-sonnet-5-5',
    ],
    [
      'five ends of what may be cached, the one of the request included',
      {
        ...mark,
        tools: [{ ...FIND, ...mark }],
        system: [1, 2, 3].map((n) => ({ type: 'text', text: `S${n}`, ...mark })),
      },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    [
      'a prompt that is too long',
      { system: 'x'.repeat(3_600_000) },
      /^prompt is too long: \d+ tokens > 1000000 maximum$/,
    ],
  ])('is %s', async (_, different, message) => {
    const got = await post(server, { ...QUESTION, ...different });
    expect(got.status).toBe(400);
    expect(got.error?.type).toBe('invalid_request_error');
    expect(got.error?.message).toMatch(message);
  });

  it.each([
    ['the default temperature', { temperature: 1 }],
    [
      'four ends of what may be cached',
      { tools: [{ ...FIND, ...mark }], system: [1, 2, 3].map((n) => ({ type: 'text', text: `S${n}`, ...mark })) },
    ],
    ['the most that may be written', { max_tokens: 128_000 }],
    ['calls one after the other', { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }],
  ])('is not %s', async (_, different) => {
    expect(await messageOf(different)).toBeUndefined();
  });

  it('is told in the shape of the service, with the ID of the request in the header too', async () => {
    const got = await post(server, { ...QUESTION, tool_choice: { type: 'any' } });
    expect(got.body).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: NOT_FORCED },
      request_id: got.headers.get('request-id'),
    });
  });
});

describe('what depends on the model', () => {
  it.each(Object.entries(MODELS))('%s takes a forced call, or refuses it', async (model, { forcedCall }) => {
    for (const choice of [{ type: 'any' }, { type: 'tool', name: 'find' }])
      expect(await messageOf({ model, tool_choice: choice })).toBe(forcedCall ? undefined : NOT_FORCED);
  });

  it.each([
    ['claude-sonnet-5-5', ['adaptive', 'between_tools']],
    ['claude-opus-5-5', ['adaptive']],
    ['claude-fable-5-1', ['adaptive']],
    ['claude-haiku-5-5', ['adaptive', 'disabled']],
    ['claude-opus-5', ['adaptive', 'disabled']],
    ['claude-haiku-4-5', ['disabled', 'enabled']],
  ])('%s thinks in its own ways alone', async (model, allowed) => {
    for (const thinking of [adaptive, { type: 'between_tools' }, { type: 'disabled' }, ENABLED]) {
      const refused = `thinking: "thinking.type.${thinking.type}" is not supported for this model.`;
      expect(await messageOf({ model, thinking })).toBe(allowed.includes(thinking.type) ? undefined : refused);
    }
  });

  it.each([
    ['claude-sonnet-5-5', 'between_tools'],
    ['claude-haiku-5-5', 'disabled'],
  ])('%s does not think %s above a high effort', async (model, type) => {
    const thinking = { type };
    expect(await messageOf({ model, thinking, output_config: { effort: 'high' } })).toBeUndefined();
    expect(await messageOf({ model, thinking, output_config: { effort: 'xhigh' } })).toContain('above effort "high"');
  });

  it('an older model has sampling and prefill, but neither efforts nor as much room', async () => {
    const model = 'claude-haiku-4-5';
    const prefilled = [...QUESTION.messages, { role: 'assistant', content: 'It is' }];
    expect(await messageOf({ model, temperature: 0, top_k: 5, messages: prefilled })).toBeUndefined();
    expect(await messageOf({ model, output_config: { effort: 'low' } })).toContain('effort');
    expect(await messageOf({ model, max_tokens: 64_001 })).toContain('64001 > 64000');
    expect(await messageOf({ model, system: 'x'.repeat(720_000) })).toContain('prompt is too long');
  });

  it('a model that nobody knows is not found', async () => {
    const got = await post(server, { ...QUESTION, model: 'claude-none' });
    expect(got).toMatchObject({ status: 404, error: { type: 'not_found_error', message: 'model: claude-none' } });
  });
});

describe('the request itself', () => {
  it.each([
    ['no key', { 'x-api-key': undefined }, 401, 'authentication_error'],
    ['an empty key', { 'x-api-key': undefined, authorization: 'Bearer ' }, 401, 'authentication_error'],
    ['no version', { 'anthropic-version': undefined }, 400, 'invalid_request_error'],
    ['another version', { 'anthropic-version': '2024-01-01' }, 400, 'invalid_request_error'],
  ])('with %s is refused', async (_, headers, status, type) => {
    expect(await post(server, QUESTION, { headers })).toMatchObject({ status, error: { type } });
  });

  it('may hold its key where the SDK puts it', async () => {
    const headers = { 'x-api-key': undefined, authorization: 'Bearer k' };
    expect((await post(server, QUESTION, { headers })).status).toBe(200);
  });

  it('that is no JSON is refused', async () => {
    expect((await post(server, '{"model":')).status).toBe(400);
  });

  it('to another path is not found', async () => {
    expect((await post(server, QUESTION, { path: '/v1/complete' })).status).toBe(404);
  });

  it('of more than 32 MB is too large, and one of 32 MB is not', async () => {
    const empty = JSON.stringify({ ...QUESTION, system: '' }).length;
    const exact = { ...QUESTION, system: 'x'.repeat(REQUEST_BYTES_MAX - empty) };
    expect((await post(server, exact)).error?.message).toContain('prompt is too long');
    const got = await post(server, { ...exact, system: `${exact.system}x` });
    expect(got).toMatchObject({ status: 413, error: { type: 'request_too_large' } });
  });

  it('never leaves its key in what is kept', async () => {
    const own = await startMessages(competent);
    await post(own, QUESTION, { headers: { 'x-api-key': 'sk-secret-1' } });
    expect(JSON.stringify(own.requests())).not.toContain('sk-secret-1');
    await own.close();
  });
});
