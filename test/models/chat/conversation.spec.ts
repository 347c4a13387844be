import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { describe, expect, it } from 'vitest';
import { answered, asking, given, refusalOf, result } from './chat.fixture.ts';
import { CALL_ID_CHARS_MAX } from './request.ts';
import { FOREIGN_CALL } from './signature.ts';

const USER: ChatCompletionMessageParam = { role: 'user', content: 'cats' };
const calls = (...ids: string[]): ChatCompletionMessageParam => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'find', arguments: '{}' } })),
});

describe('the messages of chat completions', () => {
  it.each<[what: string, messages: ChatCompletionMessageParam[], message: string]>([
    ['calls without results', [USER, calls('a', 'b')], 'must be followed by tool messages'],
    ['a call without its result', [USER, calls('a', 'b'), result('a')], 'did not have response messages: b'],
    ['a result after more text', [USER, calls('a'), USER, result('a')], 'did not have response messages: a'],
    ['a result without calls', [USER, result('a')], 'must be a response to a preceeding message'],
    [
      'a result of an earlier step',
      [USER, calls('a'), result('a'), calls('b'), result('a'), result('b')],
      "'a' not found in 'tool_calls' of previous message",
    ],
    [
      'a result that comes late',
      [USER, calls('a'), result('a'), USER, result('a')],
      'must be a response to a preceeding message',
    ],
    ['a result twice', [USER, calls('a'), result('a'), result('a')], "Duplicate value for 'tool_call_id'"],
    ['a result of no call', [USER, calls('a'), result('x')], "'x' not found in 'tool_calls'"],
    ['calls with one ID', [USER, calls('a', 'a'), result('a')], "Duplicate value for 'id' of 'a'"],
    [
      'the word of the assistant at the end',
      [USER, { role: 'assistant', content: 'I say' }],
      'must not be from the assistant',
    ],
    [
      'an assistant that says nothing',
      [USER, { role: 'assistant', content: null }, USER],
      "Invalid value for 'content': expected a string, got null.",
    ],
    [
      'an empty list of calls',
      [USER, { role: 'assistant', content: 'x', tool_calls: [] }, USER],
      'messages[1].tool_calls',
    ],
    ['a longer ID than there are', [USER, calls('a'.repeat(CALL_ID_CHARS_MAX + 1))], 'string too long'],
  ])('are refused with %s', async (_what, messages, message) => {
    const { ask } = await given('plain');
    expect(await refusalOf(ask({ messages }))).toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
  });

  it('are refused when a call has an object for its arguments', async () => {
    const { post } = await given('plain');
    const called = {
      role: 'assistant',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'find', arguments: {} } }],
    };
    expect(await post({ ...asking(), messages: [USER, called, result('a')] })).toMatchObject({
      status: 400,
      body: { error: { param: 'messages[1].tool_calls[0].function.arguments', code: 'invalid_type' } },
    });
  });

  it('are refused by all who look at them when a call carries more than OpenAI knows', async () => {
    const message = {
      ...calls('a'),
      tool_calls: [
        {
          id: 'a',
          type: 'function',
          function: { name: 'find', arguments: '{}' },
          extra_content: { google: { thought_signature: 'x' } },
        },
      ],
    };
    const body = { ...asking(), model: 'our-deployment', messages: [USER, message, result('a')] };
    const { post } = await given('azure');
    expect(await post(body)).toMatchObject({
      status: 400,
      body: { error: { code: 'unknown_parameter', param: 'messages[1].tool_calls[0].extra_content' } },
    });
    const lenient = await given('ollama');
    expect(await lenient.post(body)).toMatchObject({ status: 200 });
  });

  it('have call IDs of nine letters and digits at Mistral', async () => {
    const { post } = await given('mistral');
    const refused = (id: string) => ({
      status: 400,
      body: { message: `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`, code: '3280' },
    });
    for (const id of ['call_1', 'abcdefgh', 'abcdefghi0', 'abcdefg-i']) {
      expect(await post({ ...asking(), messages: [USER, calls(id), result(id)] })).toMatchObject(refused(id));
    }
    expect(await post({ ...asking(), messages: [USER, calls('abcDEF123'), result('abcDEF123')] })).toMatchObject({
      status: 200,
    });
  });
});

describe("Gemini's thought signatures", () => {
  /** The answer with two calls, of which the first is signed, with its signature replaced or taken away. */
  async function begun() {
    const { ask, post } = await given('gemini');
    const messages = [{ role: 'user' as const, content: 'cats dogs' }];
    const first = await ask({ messages });
    const signed = (signature: string | undefined) => {
      const [one, two] = JSON.parse(JSON.stringify(first.choices[0]?.message.tool_calls));
      const { extra_content: _extra, ...bare } = one;
      const call =
        signature === undefined ? bare : { ...bare, extra_content: { google: { thought_signature: signature } } };
      return answered(messages, { role: 'assistant', content: '', tool_calls: [call, two] });
    };
    const [one, two] = JSON.parse(JSON.stringify(first.choices[0]?.message.tool_calls));
    return { post, signed, one, two };
  }

  it('are on the first of parallel calls alone', async () => {
    const { one, two } = await begun();
    expect(one).toMatchObject({ extra_content: { google: { thought_signature: expect.stringMatching(/=$/u) } } });
    expect(two).not.toHaveProperty('extra_content');
  });

  it('have to come back as they were', async () => {
    const { post, signed, one } = await begun();
    const { thought_signature: signature } = one.extra_content.google;
    const told = (message: string) => ({
      status: 400,
      body: [{ error: { message: expect.stringContaining(message) } }],
    });
    expect(await post({ ...asking(), messages: signed(signature) })).toMatchObject({ status: 200 });
    expect(await post({ ...asking(), messages: signed(undefined) })).toMatchObject(
      told('is missing a thought_signature'),
    );
    expect(await post({ ...asking(), messages: signed(`x${signature}`) })).toMatchObject(
      told('Corrupted thought signature.'),
    );
  });

  it('may be missing in calls from before the user spoke again, and be skipped for calls of other models', async () => {
    const { post, signed } = await begun();
    const later = [...signed(undefined), { role: 'assistant', content: 'So.' }, USER];
    expect(await post({ ...asking(), messages: later })).toMatchObject({ status: 200 });
    expect(await post({ ...asking(), messages: signed(FOREIGN_CALL) })).toMatchObject({ status: 200 });
  });
});
