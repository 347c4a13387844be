import type { Echo, Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { toMessages } from './messages.ts';

const OWN = { provider: 'anthropic', model: 'claude-test-1' };
const THOUGHT = { type: 'thinking', thinking: '', signature: 's' };
const asked: Turn = { role: 'user', text: 'What keeps the log?' };

const called = (id: string, from?: Partial<Echo>): Turn => ({
  role: 'assistant',
  text: '',
  toolCalls: [{ id, name: 'search', arguments: {} }],
  ...(from && {
    echo: {
      ...OWN,
      parts: [
        { kind: 'opaque', block: THOUGHT },
        { kind: 'call', call: 0 },
      ],
      ...from,
    },
  }),
});
const result = (callId: string, text = '{}'): Turn => ({ role: 'tool', callId, name: 'search', text, failed: false });
const use = (id: string) => ({ type: 'tool_use', id, name: 'search', input: {} });
const resultOf = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: '{}', is_error: false });

const contents = (turns: Turn[], echoesOf: typeof OWN | undefined = OWN) =>
  toMessages(turns, echoesOf).map(({ content }) => content);

describe('the messages of a conversation', () => {
  it('hold all results in the one message behind the calls, before any text, and say which failed', () => {
    const [call, first, second] = TWO_CALLS_ANSWERED;
    if (!call || !first || !second) throw new Error('the fixture is empty');
    const said: Turn = { role: 'user', text: 'Hand in now.' };
    const whole = contents([asked, call, first, second, said]);
    expect(whole).toHaveLength(3);
    expect(whole[2]).toEqual([
      { type: 'tool_result', tool_use_id: 'call_a', content: '{"results":[]}', is_error: false },
      { type: 'tool_result', tool_use_id: 'call_b', content: 'denied', is_error: true },
      { type: 'text', text: 'Hand in now.' },
    ]);
    expect(contents([asked, call, said, first, second])).toEqual(whole);
  });

  it('leave out what is blank, and a turn that says nothing', () => {
    const nothing: Turn = { role: 'assistant', text: ' \n', toolCalls: [] };
    expect(toMessages([asked, nothing, { role: 'user', text: ' ' }, { role: 'user', text: 'Well?' }], OWN)).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: asked.text },
          { type: 'text', text: 'Well?' },
        ],
      },
    ]);
  });

  it('leave out an answer that is nothing but thoughts', () => {
    const thought: Turn = {
      role: 'assistant',
      text: '',
      toolCalls: [],
      echo: { ...OWN, parts: [{ kind: 'opaque', block: THOUGHT }] },
    };
    expect(toMessages([asked, thought, { role: 'user', text: 'Well?' }], OWN)).toHaveLength(1);
  });

  it('never end with the assistant', () => {
    const last = toMessages([asked, { role: 'assistant', text: 'Done.', toolCalls: [] }], OWN).at(-1);
    expect(last).toEqual({ role: 'user', content: [{ type: 'text', text: 'Continue.' }] });
  });

  it('alternate, though an assistant spoke twice', () => {
    const said: Turn = { role: 'assistant', text: 'One.', toolCalls: [] };
    const roles = toMessages([asked, said, said, asked], OWN).map(({ role }) => role);
    expect(roles).toEqual(['user', 'assistant', 'user']);
  });

  it('hold each ID once and in plain characters, whoever gave it', () => {
    const turns = [asked, called('call_0'), result('call_0'), called('call_0'), result('call_0')];
    expect(contents(turns).slice(1)).toEqual([
      [use('call_0')],
      [resultOf('call_0')],
      [use('call_0_2')],
      [resultOf('call_0_2')],
    ]);
    const [, call, answer] = contents([asked, called('functions.search:0'), result('functions.search:0')]);
    const id = /^functions_search_0_[a-z0-9]+$/;
    expect(call).toMatchObject([{ id: expect.stringMatching(id) }]);
    expect(answer).toMatchObject([{ tool_use_id: expect.stringMatching(id) }]);
  });
});

describe('what earlier answers wanted back', () => {
  it('goes back to the model that thought it', () => {
    expect(contents([asked, called('t', {}), result('t')])[1]).toEqual([THOUGHT, use('t')]);
  });

  it.each([
    ['another model', { model: 'claude-test-2' }, OWN],
    ['another provider', { provider: 'openai' }, OWN],
    ['itself, when nothing is to be sent back', {}, undefined],
  ])('does not go to %s', (_, from, echoesOf) => {
    const messages = toMessages([asked, called('t', from), result('t')], echoesOf);
    expect(messages[1]?.content).toEqual([use('t')]);
  });

  it('goes back from behind the last answer whose thoughts were lost', () => {
    const turns = [called('a', {}), result('a'), called('b', { parts: [] }), result('b'), called('c', {}), result('c')];
    const [, first, , second, , third] = contents([asked, ...turns]);
    expect([first, second, third]).toEqual([[use('a')], [use('b')], [THOUGHT, use('c')]]);
  });

  it('is not held back by thoughts that another model lost', () => {
    const turns = [called('a', {}), result('a'), called('b', { model: 'x', parts: [] }), result('b')];
    expect(contents([asked, ...turns])[1]).toEqual([THOUGHT, use('a')]);
  });
});
