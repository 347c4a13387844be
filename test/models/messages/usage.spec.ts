import { afterEach, describe, expect, it } from 'vitest';
import type { ModelServer } from '../serve.ts';
import { CHARS_PER_TOKEN } from '../tokens.ts';
import { CALL, clientOf, FIND, parrot, post, QUESTION, startMessages } from './messages.fixture.ts';
import { LOOKBACK_BLOCKS } from './prompt-cache.ts';

let server: ModelServer;
afterEach(() => server.close());

const cached = { cache_control: { type: 'ephemeral' as const } };
const LONG = 'word '.repeat(800);
const system = (text = LONG, mark: object = cached) => [{ type: 'text' as const, text, ...mark }];

async function usageOf(different: Record<string, unknown>) {
  const { body } = await post(server, { ...QUESTION, ...different });
  const usage = body['usage'] as Record<
    'input_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens',
    number
  >;
  return { input: usage.input_tokens, read: usage.cache_read_input_tokens, written: usage.cache_creation_input_tokens };
}

describe('the tokens of an answer', () => {
  it('grow with its characters, thinking and calls included', async () => {
    server = await startMessages(
      parrot({ text: 'x'.repeat(350) }, { text: 'x'.repeat(350), thinking: 'y'.repeat(700) }),
    );
    expect((await post(server, QUESTION)).body['usage']).toMatchObject({ output_tokens: 100 });
    expect((await post(server, QUESTION)).body['usage']).toMatchObject({
      output_tokens: 300,
      output_tokens_details: { thinking_tokens: 200 },
    });
  });

  it('stay within the limit: what is over is cut, a call in the middle', async () => {
    const args = { q: 'x'.repeat(2_000) };
    server = await startMessages(
      parrot({ text: 'I look.', calls: [{ name: 'find', argumentsJson: JSON.stringify(args) }] }),
    );
    const message = await clientOf(server)
      .messages.stream({ ...QUESTION, max_tokens: 60 })
      .finalMessage();
    expect(message.stop_reason).toBe('max_tokens');
    expect(message.usage.output_tokens).toBeLessThanOrEqual(60);
    expect(message.content[1]).not.toMatchObject({ input: args });
  });

  it('are told as a running sum at the end of a stream', async () => {
    server = await startMessages(parrot({ text: 'x'.repeat(350) }));
    const { usage } = await clientOf(server)
      .messages.stream({ ...QUESTION, system: system() })
      .finalMessage();
    expect(usage).toMatchObject({ output_tokens: 100, cache_read_input_tokens: 0 });
    expect(usage.cache_creation_input_tokens).toBeGreaterThan(512);
  });
});

describe('the prompt cache', () => {
  it('writes a prefix that is marked, and reads it when a prompt begins the same', async () => {
    server = await startMessages(parrot({ text: 'Yes.' }));
    const first = await usageOf({ system: system() });
    expect(first.read).toBe(0);
    expect(first.written).toBeGreaterThan(LONG.length / CHARS_PER_TOKEN);
    const second = await usageOf({ system: system(), messages: [{ role: 'user', content: 'Another question' }] });
    expect(second).toMatchObject({ read: first.written, written: 0 });
  });

  it('adds up to the same prompt however much of it was read', async () => {
    server = await startMessages(parrot({ text: 'Yes.' }));
    const sum = ({ input, read, written }: Awaited<ReturnType<typeof usageOf>>) => input + read + written;
    const plain = await usageOf({ system: system(LONG, {}) });
    expect(plain).toMatchObject({ read: 0, written: 0 });
    expect(sum(await usageOf({ system: system() }))).toBe(plain.input);
    expect(sum(await usageOf({ system: system() }))).toBe(plain.input);
  });

  it.each([
    ['the tools change', { tools: [FIND, { ...FIND, name: 'seek' }] }],
    ['the system prompt changes', { system: system(`${LONG}.`) }],
    ['the model changes', { model: 'claude-opus-5-5' }],
  ])('reads nothing when %s', async (_, different) => {
    server = await startMessages(parrot({ text: 'Yes.' }));
    await usageOf({ system: system() });
    expect((await usageOf({ system: system(), ...different })).read).toBe(0);
  });

  it('reads the system prompt but not the turns when the effort or the choice of tools changes', async () => {
    server = await startMessages(parrot({ text: 'Yes.' }));
    const request = {
      system: system(),
      messages: [{ role: 'user', content: [{ type: 'text', text: LONG, ...cached }] }],
    };
    const first = await usageOf(request);
    const same = await usageOf(request);
    expect(same.read).toBe(first.written);
    for (const different of [{ output_config: { effort: 'low' } }, { tool_choice: { type: 'none' } }]) {
      const changed = await usageOf({ ...request, ...different });
      expect(changed.read).toBeGreaterThan(0);
      expect(changed.read).toBeLessThan(same.read);
    }
  });

  it('marks the end of the whole prompt when the request is marked, and grows with the conversation', async () => {
    server = await startMessages(parrot({ text: 'Yes.' }));
    const messages = [{ role: 'user', content: LONG }];
    const first = await usageOf({ ...cached, messages });
    const longer = [...messages, { role: 'assistant', content: 'Yes.' }, { role: 'user', content: 'And now?' }];
    const second = await usageOf({ ...cached, messages: longer });
    expect(second.read).toBe(first.written);
    expect(second.written).toBeGreaterThan(0);
  });

  it('keeps nothing that is too short', async () => {
    server = await startMessages(parrot({ text: 'Yes.' }));
    await usageOf({ system: system('Short.') });
    expect(await usageOf({ system: system('Short.') })).toMatchObject({ read: 0, written: 0 });
  });

  it('looks back only so many blocks', async () => {
    server = await startMessages(parrot({ text: 'Yes.' }));
    const text = (words: string) => ({ type: 'text', text: words });
    const ask = (more: number) => {
      const blocks = [text(LONG), ...Array.from({ length: more }, (_, n) => text(`More ${n}`))];
      const last = blocks.length - 1;
      const content = blocks.map((block, index) => (index === last ? { ...block, ...cached } : block));
      return usageOf({ messages: [{ role: 'user', content }] });
    };
    await ask(0);
    expect((await ask(LOOKBACK_BLOCKS + 1)).read).toBe(0);
    expect((await ask(LOOKBACK_BLOCKS)).read).toBeGreaterThan(0);
  });

  it('is not written by counting, nor by a request that failed', async () => {
    server = await startMessages(parrot({ text: 'Yes.', calls: [CALL] }), {
      rules: [{ fault: 'overloaded', when: { next: 1 } }],
    });
    const { max_tokens: _, ...counted } = QUESTION;
    await post(server, { ...counted, system: system() }, { path: '/v1/messages/count_tokens' });
    expect((await post(server, { ...QUESTION, system: system() })).status).toBe(529);
    expect((await usageOf({ system: system() })).read).toBe(0);
  });
});
