import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { callOf as messagesCall } from './anthropic/asked.fixture.ts';
import { anthropicProvider } from './anthropic/provider.ts';
import { BODY_BYTES_MAX, boundedEvents, boundedFetch, EVENT_BYTES_MAX, REFUSAL_BYTES_MAX } from './bounded-fetch.ts';
import { chatModel } from './chat/chat.fixture.ts';
import { chatProvider } from './chat/provider.ts';
import { callOf, failure, KEY, NEVER } from './openai/call.fixture.ts';
import { responsesProvider } from './responses/provider.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that writes what `next` says, without an end unless that is undefined, as fast as it is read. */
async function given(next: (count: number) => string | undefined, status = 200) {
  const seen = { requests: 0, closed: Promise.withResolvers<void>() };
  const server = createServer((request, response) => {
    seen.requests += 1;
    request.resume();
    response.on('close', seen.closed.resolve);
    response.writeHead(status, { 'content-type': 'text/event-stream', location: '/elsewhere' });
    write(response, next, 0);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

function write(response: ServerResponse, next: (count: number) => string | undefined, from: number): void {
  let count = from;
  while (!response.destroyed) {
    const text = next(count);
    count += 1;
    if (text === undefined) {
      response.end();
      return;
    }
    if (!response.write(text)) {
      response.once('drain', () => write(response, next, count));
      return;
    }
  }
}

const LONG = 'x'.repeat(60_000);
const PROVIDERS = {
  messages: (baseUrl: string) =>
    anthropicProvider({ name: 'anthropic', apiKey: KEY, baseUrl }).ask(messagesCall(), NEVER),
  responses: (baseUrl: string) => responsesProvider({ name: 'openai', apiKey: KEY, baseUrl }).ask(callOf(), NEVER),
  chat: (baseUrl: string) =>
    chatProvider({ name: 'compatible', apiKey: KEY, baseUrl }).ask(callOf({}, { model: chatModel() }), NEVER),
};
const data = (event: object) => `data: ${JSON.stringify(event)}\n\n`;
const named = (event: { type: string } & Record<string, unknown>) => `event: ${event.type}\n${data(event)}`;
const MESSAGE = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1 } };
const begun = (block: object) =>
  named({ type: 'message_start', message: MESSAGE }) +
  named({ type: 'content_block_start', index: 0, content_block: block });
const deltaOf = (delta: object) => named({ type: 'content_block_delta', index: 0, delta });
const ENDLESS: [keyof typeof PROVIDERS, string, (count: number) => string][] = [
  ['messages', 'one line', (count) => (count === 0 ? 'data: ' : LONG)],
  ['responses', 'one line', (count) => (count === 0 ? 'data: ' : LONG)],
  ['chat', 'one line', (count) => (count === 0 ? 'data: ' : LONG)],
  ['chat', 'one event of many lines', () => `data: ${LONG}\n`],
  [
    'messages',
    'text',
    (count) => (count === 0 ? begun({ type: 'text', text: '' }) : deltaOf({ type: 'text_delta', text: LONG })),
  ],
  [
    'messages',
    'signatures',
    (count) =>
      count === 0 ? begun({ type: 'thinking', thinking: '' }) : deltaOf({ type: 'signature_delta', signature: LONG }),
  ],
  [
    'responses',
    'items',
    (count) =>
      data({
        type: 'response.output_item.done',
        output_index: count,
        item: { type: 'reasoning', encrypted_content: LONG },
      }),
  ],
  ['chat', 'calls that say nothing', (count) => data({ choices: [{ delta: { tool_calls: [{ index: count }] } }] })],
  [
    'chat',
    'extras of a call',
    () => data({ choices: [{ delta: { tool_calls: [{ index: 0, extra_content: { a: LONG } }] } }] }),
  ],
];

describe('an answer without an end', () => {
  it.each(ENDLESS)('of %s is given up at its bound: %s', async (api, what, next) => {
    const { url, seen } = await given(next);
    const { kind, message } = failure(await PROVIDERS[api](url));
    expect(kind).toBe('malformed');
    // What comes in pieces ends long before the bound of the whole body.
    expect(message).toContain(what.startsWith('one ') ? String(EVENT_BYTES_MAX) : 'no end');
    await seen.closed.promise;
  });

  it('is read up to its bound in all, and not beyond', async () => {
    const event = `data: ${'x'.repeat(1024 * 1024 - 8)}\n\n`;
    const whole = await given((count) => (count < BODY_BYTES_MAX / event.length ? event : undefined));
    expect((await (await boundedFetch(whole.url)).arrayBuffer()).byteLength).toBe(BODY_BYTES_MAX);
    const more = await given((count) => (count <= BODY_BYTES_MAX / event.length ? event : undefined));
    await expect((await boundedFetch(more.url)).arrayBuffer()).rejects.toThrow(String(BODY_BYTES_MAX));
  });

  it('has events up to their bound, and none beyond', async () => {
    const eventOf = (bytes: number) => `data: ${'x'.repeat(bytes - 8)}\n\n`;
    const whole = await given((count) => (count < 3 ? eventOf(EVENT_BYTES_MAX) : undefined));
    expect((await (await boundedFetch(whole.url)).arrayBuffer()).byteLength).toBe(3 * EVENT_BYTES_MAX);
    const more = await given((count) => (count < 1 ? eventOf(EVENT_BYTES_MAX + 1) : undefined));
    await expect((await boundedFetch(more.url)).arrayBuffer()).rejects.toThrow(String(EVENT_BYTES_MAX));
  });

  it.each([
    ['whole', ['data: 1\r\n\r\n']],
    ['in pieces', ['data: 1\r', '\n\r', '\n']],
  ])('has each event passed on as soon as it has come %s', async (_how, pieces) => {
    // A stream, because over a connection pieces may come as one.
    const events = async function* () {
      for (const piece of pieces) yield new TextEncoder().encode(piece);
      await new Promise(() => {});
    };
    const reader = ReadableStream.from(events()).pipeThrough(boundedEvents()).getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe('data: 1\r\n\r\n');
  });

  it('that ends within an event is passed on as it came', async () => {
    const { url } = await given((count) => ['data: 1\r\n\r\nda', 'ta: 2\n\ndata:', ' 3'][count]);
    expect(await (await boundedFetch(url)).text()).toBe('data: 1\r\n\r\ndata: 2\n\ndata: 3');
  });
});

describe('a refusal without an end', () => {
  it('is read up to its bound', async () => {
    const { url, seen } = await given(() => LONG, 502);
    expect((await (await boundedFetch(url)).text()).length).toBe(REFUSAL_BYTES_MAX);
    await seen.closed.promise;
  });

  it.each(['messages', 'responses', 'chat'] as const)('is a failure of %s all the same', async (api) => {
    const { url } = await given(() => LONG, 502);
    expect(failure(await PROVIDERS[api](url))).toMatchObject({ kind: 'unreachable', status: 502 });
  });
});

describe('a redirection', () => {
  it.each(['messages', 'responses', 'chat'] as const)('is not followed with what %s is asked', async (api) => {
    const { url, seen } = await given(() => undefined, 307);
    const { kind, message } = failure(await PROVIDERS[api](url));
    expect(kind).toBe('rejected');
    expect(message).toContain('redirects');
    expect(seen.requests).toBe(1);
  });
});

describe('an answer that cannot be read', () => {
  it.each<[keyof typeof PROVIDERS, object]>([
    ['chat', { choices: Array.from({ length: 400_000 }, () => 1) }],
    ['responses', { type: 'response.completed', response: { output: Array.from({ length: 400_000 }, () => 1) } }],
  ])('of %s is not told of element by element', async (api, event) => {
    const { url } = await given((count) => (count === 0 ? data(event) : undefined));
    const { kind, message } = failure(await PROVIDERS[api](url));
    expect(kind).toBe('malformed');
    expect(message.length).toBeLessThan(300);
  });

  it('because it nests too deep is a failure, and not an error', async () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const call = { index: 0, id: 'c', function: { name: 'zz', arguments: deep }, extra_content: { a: 1 } };
    const event = data({ choices: [{ delta: { tool_calls: [call] }, finish_reason: 'stop' }] });
    const { url } = await given((count) => (count === 0 ? event : undefined));
    expect(failure(await PROVIDERS.chat(url)).kind).toBe('malformed');
  });
});
