import type { Question, Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { callOf } from '../openai/call.fixture.ts';
import type { Call } from '../provider.ts';
import { questionOf, TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { chatModel } from './chat.fixture.ts';
import { dispensable, toRequest } from './request.ts';

const request = (question: Partial<Question> = {}, different: Partial<Call> = {}) =>
  toRequest(callOf(question, { model: chatModel(), ...different }));
const user = questionOf().turns;

describe('a question as a chat completion', () => {
  it('has what every server takes, and nothing else', () => {
    const made = request();
    expect(made).toMatchObject({
      model: 'test-model',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'You are a researcher.' },
        { role: 'user', content: 'What keeps the log?' },
      ],
      max_tokens: 2_000,
      tool_choice: 'required',
    });
    expect(Object.keys(made)).toHaveLength(7);
    expect(made.tools?.[0]?.function).not.toHaveProperty('strict');
  });

  it('offers no tools and no choice of one when the question has none', () => {
    const made = request({ tools: [], system: '' });
    expect(Object.keys(made).toSorted()).toEqual(['max_tokens', 'messages', 'model', 'stream', 'stream_options']);
  });

  it.each<[string, Partial<Question>, Call['model'], unknown]>([
    ['a call by the word that the server knows', {}, chatModel({ forcedChoice: 'any' }), 'any'],
    [
      'one tool by its name',
      { only: 'submit_findings' },
      chatModel(),
      { type: 'function', function: { name: 'submit_findings' } },
    ],
    ['none where it may do without', { mustCall: false }, chatModel(), 'auto'],
    ['none where a call cannot be forced', {}, chatModel({}, { forcedCall: false }), 'auto'],
  ])('forces %s', (_what, question, model, choice) => {
    expect(request(question, { model }).tool_choice).toEqual(choice);
  });

  it('forces any call by a word where the server does not take a name', () => {
    const only = { only: 'submit_findings' };
    const call = callOf(only, { model: chatModel() });
    expect(dispensable(toRequest(call), call)[0]).toBe('tool_choice.function');
    const without = new Set(['tool_choice.function']);
    expect(request(only, { without }).tool_choice).toBe('required');
    expect(dispensable(request(only, { without }), call)).toContain('tool_choice');
  });

  it('names the limit of output as the model wants it, and otherwise once that is refused', () => {
    const model = chatModel({ outputLimit: 'max_completion_tokens' });
    expect(request({}, { model })).toMatchObject({ max_completion_tokens: 2_000 });
    const without = new Set(['max_completion_tokens']);
    const other = callOf({}, { model, without });
    expect(toRequest(other)).toMatchObject({ max_tokens: 2_000 });
    expect(toRequest(other)).not.toHaveProperty('max_completion_tokens');
    // An answer has some bound.
    expect(dispensable(toRequest(other), other)).not.toContain('max_tokens');
  });

  it('leaves out what the server has refused before, or is known not to take', () => {
    const without = new Set(['stream_options', 'tool_choice', 'reasoning_effort', 'strict']);
    const model = chatModel({}, { strictSchema: 'openai' });
    const made = request({}, { without, effort: 'low', model });
    expect(Object.keys(made).toSorted()).toEqual(['max_tokens', 'messages', 'model', 'stream', 'tools']);
    expect(made.tools?.[0]?.function).not.toHaveProperty('strict');
    expect(request({}, { model: chatModel({ usageInStream: false }) })).not.toHaveProperty('stream_options');
    expect(request({}, { effort: 'low', model })).toMatchObject({
      reasoning_effort: 'low',
      tools: [{ function: { strict: true } }, {}],
    });
  });

  it('sends the results of parallel calls as messages of their own and says which one failed', () => {
    expect(request({ turns: [...user, ...TWO_CALLS_ANSWERED] }).messages.slice(2)).toMatchObject([
      { role: 'assistant', content: 'I search.', tool_calls: [{ id: 'call_a' }, { id: 'call_b' }] },
      { role: 'tool', tool_call_id: 'call_a', content: '{"results":[]}' },
      { role: 'tool', tool_call_id: 'call_b', content: 'Failed: denied' },
    ]);
  });

  it('tells Gemini, and nobody else, that it has not signed the first of the calls that another model made', () => {
    const turns = [...user, ...TWO_CALLS_ANSWERED];
    const callsFor = (family: string) => {
      const message = request({ turns }, { model: chatModel({}, { family }) }).messages[2];
      return message?.role === 'assistant' ? message.tool_calls?.map((call) => call.extra_content) : undefined;
    };
    const foreign = { google: { thought_signature: 'skip_thought_signature_validator' } };
    expect(callsFor('gemini')).toEqual([foreign, undefined]);
    expect(callsFor('qwen')).toEqual([undefined, undefined]);
  });

  it('has no message that says nothing, and no two of the user in a row', () => {
    const turns: Turn[] = [
      ...user,
      { role: 'assistant', text: '', toolCalls: [] },
      { role: 'user', text: 'Call a tool.' },
    ];
    expect(request({ turns, system: '' }).messages).toEqual([
      { role: 'user', content: 'What keeps the log?\n\nCall a tool.' },
    ]);
  });

  it.each([
    [chatModel({ shortCallIds: true }), /^[A-Za-z0-9]{9}$/],
    [chatModel(), /^[\w-]{1,40}$/],
  ])('gives calls and results IDs that the server takes', (model, form) => {
    const id = `toolu_${'x'.repeat(60)}`;
    const turns: Turn[] = [
      ...user,
      { role: 'assistant', text: '', toolCalls: [{ id, name: 'search_documents', arguments: {} }] },
      { role: 'tool', callId: id, name: 'search_documents', text: 'r', failed: false },
    ];
    const short = expect.stringMatching(form);
    const { messages } = request({ turns }, { model });
    expect(messages.slice(2)).toMatchObject([{ tool_calls: [{ id: short }] }, { tool_call_id: short }]);
    const [made, result] = messages.slice(2);
    if (made?.role !== 'assistant' || result?.role !== 'tool') throw new Error('other messages');
    expect(made.tool_calls?.[0]?.id).toBe(result.tool_call_id);
  });
});
