import type { Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { replied } from '../openai/call.fixture.ts';
import { questionOf } from '../question.fixture.ts';
import { answered, begin, chatModel, chunk, finish, finished, given, piece, usage } from './chat.fixture.ts';

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
    const { ask } = await given({ events: [...events, finish('stop')], ending: 'done', comments: true });
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

  it('tells two calls apart whose pieces name them by ID alone', async () => {
    const begun = ['x', 'y'].map((id) => ({ id, function: { name: id, arguments: '' } }));
    const pieces = ['x', 'y'].map((id) => ({ id, function: { arguments: `{"query":"${id}"}` } }));
    const { ask } = await given(answered(chunk({ tool_calls: begun }), chunk({ tool_calls: pieces }), finish('stop')));
    expect(replied(await ask()).toolCalls).toEqual(
      ['x', 'y'].map((id) => ({ id, name: id, arguments: { query: id } })),
    );
  });

  it('has no ID that is longer than the contract takes', async () => {
    const { ask } = await given(answered(piece(0, '{}', { id: 'x'.repeat(129), name: 'a' }), finish('stop')));
    expect(replied(await ask()).toolCalls[0]?.id.length).toBeLessThan(129);
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
    const { text, usage: told } = replied(await ask());
    expect(text).toBe('The log is kept. <think>');
    // What is thought was written, and is paid.
    expect(told.outputTokens).toBeGreaterThan(Math.ceil(text.length / 4) + 3);
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

  it('brings signed arguments back as the model wrote them, and reads them without the nulls', async () => {
    const written = '{ "query": "log", "limit": null }';
    const parameters = { type: 'object', properties: { query: { type: 'string' }, limit: { type: 'integer' } } };
    const tools = [{ name: 'search_documents', description: '', parameters }];
    const signed = { id: 'a', function: { name: 'search_documents', arguments: written }, extra_content: { s: 1 } };
    const { ask, server } = await given(answered(chunk({ tool_calls: [signed] }), finish('stop')), finished());
    const { text, toolCalls, echo } = replied(await ask({ tools }));
    expect(toolCalls[0]?.arguments).toEqual({ query: 'log' });
    const turns: Turn[] = [...questionOf().turns, { role: 'assistant', text, toolCalls, ...(echo && { echo }) }];
    await ask({ turns, tools });
    expect(server.requests[1]?.body['messages']).toMatchObject([
      {},
      {},
      { tool_calls: [{ function: { arguments: written } }] },
    ]);
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
