import { afterEach, describe, expect, it } from 'vitest';
import type { ModelServer } from '../serve.ts';
import { CALL, FIND, parrot, post, QUESTION, resultsOf, startMessages, turnOf } from './messages.fixture.ts';

let server: ModelServer;
afterEach(() => server.close());

const CHANGED = '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified';
const BOUND = 'thinking block is bound to a different conversation';
const THINKS = { thinking: 'Hm. '.repeat(30), text: 'I look.', calls: [CALL, CALL] };

type Content = Record<string, unknown>[];
const isThinking = (block: Record<string, unknown>) => String(block['type']).endsWith('thinking');
const at = (content: Content, index: number): Record<string, unknown> => content[index] ?? {};

/** A conversation of two answers with calls, as the service gave them. */
async function twoTurns(different: Record<string, unknown> = {}) {
  server = await startMessages(parrot(THINKS, THINKS, { text: 'Yes.' }));
  const question = { ...QUESTION, system: 'S', ...different };
  const first = turnOf(await post(server, question));
  const begun = [...QUESTION.messages, first, resultsOf(first)];
  const second = turnOf(await post(server, { ...question, messages: begun }));
  const ask = (change: { first?: Content; second?: Content; with?: Record<string, unknown> } = {}) =>
    post(server, {
      ...question,
      messages: [
        ...QUESTION.messages,
        { ...first, content: change.first ?? first.content },
        resultsOf(first),
        { ...second, content: change.second ?? second.content },
        resultsOf(second),
      ],
      ...change.with,
    });
  return { first: first.content, second: second.content, ask };
}

const without = (content: Content) => content.filter((block) => !isThinking(block));

describe('thinking', () => {
  it('comes in three blocks, one of them redacted, when there is a text before several calls', async () => {
    const { first } = await twoTurns();
    const types = ['thinking', 'redacted_thinking', 'text', 'thinking', 'tool_use', 'tool_use'];
    expect(first.map(({ type }) => type)).toEqual(types);
  });

  it('is taken back as it came', async () => {
    const { ask } = await twoTurns();
    expect((await ask()).error).toBeUndefined();
  });

  it('may be left out as a whole', async () => {
    const { first, second, ask } = await twoTurns();
    expect((await ask({ first: without(first), second: without(second) })).error).toBeUndefined();
  });

  it('may be left out of an answer when all later answers were given without it', async () => {
    server = await startMessages(parrot(THINKS, THINKS, { text: 'Yes.' }));
    const first = turnOf(await post(server, QUESTION));
    const begun = [...QUESTION.messages, { ...first, content: without(first.content) }, resultsOf(first)];
    const second = turnOf(await post(server, { ...QUESTION, messages: begun }));
    const got = await post(server, { ...QUESTION, messages: [...begun, second, resultsOf(second)] });
    expect(got.error).toBeUndefined();
  });

  it.each<[string, (content: Content) => Content, string]>([
    ['a signature that nobody gave', (c) => [{ ...at(c, 0), signature: 's' }, ...c.slice(1)], 'Invalid `signature`'],
    ['another text', (c) => [{ ...at(c, 0), thinking: 'Ha.' }, ...c.slice(1)], CHANGED],
    ['other redacted content', (c) => [at(c, 0), { ...at(c, 1), data: 'd' }, ...c.slice(2)], 'Invalid `signature`'],
    ['another order', (c) => [at(c, 1), at(c, 0), ...c.slice(2)], CHANGED],
    ['another place among the blocks', (c) => [at(c, 0), at(c, 1), at(c, 3), at(c, 2), ...c.slice(4)], CHANGED],
    ['one block less', (c) => c.filter((_, index) => index !== 1), CHANGED],
    ['its last block gone', (c) => c.filter((_, index) => index !== 3), CHANGED],
    ['one block twice', (c) => [at(c, 0), ...c], CHANGED],
  ])('is refused with %s', async (_, change, message) => {
    const { second, ask } = await twoTurns();
    const got = await ask({ second: change(second) });
    expect(got.status).toBe(400);
    expect(got.error?.message).toContain(message);
  });

  it('is refused when it is left out of the later answer alone', async () => {
    const { second, ask } = await twoTurns();
    expect((await ask({ second: without(second) })).error?.message).toContain(CHANGED);
  });

  it.each([
    ['the system prompt', { system: 'T' }],
    ['a tool’s description', { tools: [{ ...FIND, description: 'Seeks.' }] }],
    ['the tools that are offered', { tools: [FIND, { ...FIND, name: 'seek' }] }],
  ])('is bound to %s', async (_, different) => {
    const { ask } = await twoTurns();
    expect((await ask({ with: different })).error?.message).toContain(BOUND);
  });

  it('is bound to what was said before, and to the thinking of earlier answers', async () => {
    const { first, ask } = await twoTurns();
    expect((await ask({ first: without(first) })).error?.message).toContain(BOUND);
    const edited = first.map((block) => (block['type'] === 'text' ? { ...block, text: 'I seek.' } : block));
    expect((await ask({ first: edited })).error?.message).toContain(BOUND);
  });

  it('is bound to its model', async () => {
    const { ask } = await twoTurns();
    expect((await ask({ with: { model: 'claude-opus-5-5' } })).error?.message).toContain(BOUND);
  });

  it.each([
    ['the choice of tools', { tool_choice: { type: 'none' } }],
    ['the effort', { output_config: { effort: 'low' } }],
    ['the limit', { max_tokens: 100 }],
    [
      'where the prompt may be cached',
      { cache_control: { type: 'ephemeral' }, tools: [{ ...FIND, cache_control: { type: 'ephemeral' } }] },
    ],
    [
      'whether the system prompt comes in blocks',
      { system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }] },
    ],
  ])('is not bound to %s', async (_, different) => {
    const { ask } = await twoTurns();
    expect((await ask({ with: different })).error).toBeUndefined();
  });

  it('of older models is not bound to its conversation, but may not be edited either', async () => {
    const { second, ask } = await twoTurns({ model: 'claude-opus-5' });
    expect((await ask({ with: { system: 'T' } })).error).toBeUndefined();
    expect((await ask({ second: second.slice(1) })).error?.message).toContain(CHANGED);
  });

  it('is shown when that is asked for, and counted when it is not', async () => {
    server = await startMessages(parrot(THINKS));
    const hidden = await post(server, QUESTION);
    const shown = await post(server, { ...QUESTION, thinking: { type: 'adaptive', display: 'summarized' } });
    expect(turnOf(hidden).content[0]).toMatchObject({ type: 'thinking', thinking: '' });
    expect(turnOf(shown).content[0]).toMatchObject({ type: 'thinking', thinking: THINKS.thinking });
    const usage = { output_tokens_details: { thinking_tokens: Math.ceil(THINKS.thinking.length / 3.5) } };
    expect(hidden.body['usage']).toMatchObject(usage);
    expect(shown.body['usage']).toEqual(hidden.body['usage']);
  });
});
