import type { Question } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { KEY, modelOf } from '../openai/call.fixture.ts';
import { questionOf, TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { given, messageItem, streamOf } from './response.fixture.ts';

describe('a question to the Responses API', () => {
  it('has all that it may, nothing stored, and flat strict tools', async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    await ask({}, { effort: 'high', outputTokensMax: 27_000 });
    const { path, authorization, body } = server.requests[0] ?? {};
    expect({ path, authorization }).toEqual({ path: '/v1/responses', authorization: `Bearer ${KEY}` });
    expect(body).toMatchObject({
      model: 'test-model',
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      instructions: 'You are a researcher.',
      input: [{ role: 'user', content: 'What keeps the log?' }],
      max_output_tokens: 27_000,
      tool_choice: 'required',
      reasoning: { effort: 'high' },
      tools: [
        { type: 'function', name: 'search_documents', strict: true, parameters: { additionalProperties: false } },
        { type: 'function', name: 'submit_findings' },
      ],
    });
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('parallel_tool_calls');
  });

  it.each<[string, Partial<Question>, Parameters<typeof modelOf>[0], unknown]>([
    ['one tool by its name', { only: 'submit_findings' }, {}, { type: 'function', name: 'submit_findings' }],
    ['any, where it may do without', { mustCall: false }, {}, 'auto'],
    ['any, where a call cannot be forced', { only: 'submit_findings' }, { forcedCall: false }, 'auto'],
    ['nothing without tools', { tools: [] }, {}, undefined],
  ])('chooses %s', async (_what, question, model, choice) => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    await ask(question, { model: modelOf(model) });
    expect(server.requests[0]?.body['tool_choice']).toEqual(choice);
  });

  it('has as many strict tools as the model takes, and says of the others that they are none', async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    await ask({}, { model: modelOf({ strictToolsMax: 1 }) });
    expect(server.requests[0]?.body['tools']).toMatchObject([{ strict: true }, { strict: false }]);
  });

  it('leaves out what the service has refused before', async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    const without = new Set(['tool_choice', 'reasoning', 'include', 'prompt_cache_key', 'strict']);
    await ask({}, { effort: 'high', without });
    const body = server.requests[0]?.body ?? {};
    expect(Object.keys(body).toSorted()).toEqual(
      ['input', 'instructions', 'max_output_tokens', 'model', 'store', 'stream', 'tools'].toSorted(),
    );
    expect(body['tools']).toMatchObject([{ strict: false }, { strict: false }]);
  });

  it('has one key for the cache in all questions of a role in a run, and no content in it', async () => {
    const same = streamOf([messageItem('done')]);
    const { server, ask } = await given(same, same, same, same);
    await ask();
    await ask({ id: 'another', system: 'Another.', turns: [{ role: 'user', text: 'Else?' }] });
    await ask({ role: 'writer' });
    await ask({ tenant: 'another' });
    const [first, second, third, fourth] = server.requests.map(({ body }) => body['prompt_cache_key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    expect(new Set([first, third, fourth]).size).toBe(3);
  });

  it('brings each result after its call and says which one failed', async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    await ask({ turns: [...questionOf().turns, ...TWO_CALLS_ANSWERED] });
    expect(server.requests[0]?.body['input']).toEqual([
      { role: 'user', content: 'What keeps the log?' },
      { role: 'assistant', content: 'I search.' },
      { type: 'function_call', call_id: 'call_a', name: 'search_documents', arguments: '{"query":"log"}' },
      { type: 'function_call', call_id: 'call_b', name: 'search_documents', arguments: '{"query":"store"}' },
      { type: 'function_call_output', call_id: 'call_a', output: '{"results":[]}' },
      { type: 'function_call_output', call_id: 'call_b', output: 'Failed: denied' },
    ]);
  });

  it("takes another service's longer IDs of calls, the same in the call and in its result", async () => {
    const { server, ask } = await given(streamOf([messageItem('done')]));
    const id = `toolu.${'x'.repeat(70)}`;
    const call = { id, name: 'search_documents', arguments: {} };
    const result = { role: 'tool', callId: id, name: 'search_documents', text: 'r', failed: false } as const;
    await ask({ turns: [...questionOf().turns, { role: 'assistant', text: '', toolCalls: [call] }, result] });
    const input = server.requests[0]?.body['input'];
    const short = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(input).toMatchObject([{}, { call_id: short }, { call_id: short }]);
  });
});
