import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { callOf as messagesCall, modelOf as messagesModel } from './anthropic/asked.fixture.ts';
import { anthropicProvider } from './anthropic/provider.ts';
import { chatModel } from './chat/chat.fixture.ts';
import { chatProvider } from './chat/provider.ts';
import { ChatReading } from './chat/reading.ts';
import { callOf, failure, KEY, modelOf, NEVER, replied } from './openai/call.fixture.ts';
import { readStream } from './openai/streaming.ts';
import { responsesProvider } from './responses/provider.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Event = { type?: string } & Record<string, unknown>;

/** A server that sends these events, and then loses the connection, ends the answer there or keeps it open. */
async function given(events: readonly Event[], then: 'lost' | 'ended' | 'open') {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = events.map(
      (event) => `${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
    );
    response.write(text.join(''), () => then === 'lost' && response.destroy());
    if (then === 'ended') response.end();
    if (then !== 'open') return;
    const pings = setInterval(() => response.write(': ping\n\n'), 100);
    response.on('close', () => clearInterval(pings));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return `http://127.0.0.1:${address.port}`;
}

type Thinking = 'always' | 'never';
const PROVIDERS = {
  messages: (baseUrl: string, thinking: Thinking) =>
    anthropicProvider({ name: 'anthropic', apiKey: KEY, baseUrl }).ask(
      messagesCall({ model: messagesModel({ thinking }), outputTokensMax: 2_000 }),
      NEVER,
    ),
  responses: (baseUrl: string, thinking: Thinking) =>
    responsesProvider({ name: 'openai', apiKey: KEY, baseUrl }).ask(
      callOf({}, { model: modelOf({ thinking }) }),
      NEVER,
    ),
  chat: (baseUrl: string, thinking: Thinking) =>
    chatProvider({ name: 'compatible', apiKey: KEY, baseUrl }).ask(
      callOf({}, { model: chatModel({}, { thinking }) }),
      NEVER,
    ),
};
type Api = keyof typeof PROVIDERS;

const MESSAGE = {
  type: 'message_start',
  message: {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    usage: { input_tokens: 500, output_tokens: 1 },
  },
};
const WHOLE: Readonly<Record<Api, readonly Event[]>> = {
  messages: [
    MESSAGE,
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 700 } },
    { type: 'message_stop' },
  ],
  responses: [
    {
      type: 'response.completed',
      response: {
        status: 'completed',
        output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hi' }] }],
        usage: { input_tokens: 500, output_tokens: 700 },
      },
    },
  ],
  chat: [
    { choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }] },
    { choices: [], usage: { prompt_tokens: 500, completion_tokens: 700 } },
  ],
};
/** Up to where it thinks, which nobody sees. */
const THINKING: Readonly<Record<Api, readonly Event[]>> = {
  messages: [MESSAGE, { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } }],
  responses: [
    { type: 'response.created', response: { status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs', summary: [] } },
  ],
  chat: [{ choices: [{ index: 0, delta: { role: 'assistant' }, finish_reason: null }] }],
};
const APIS: Api[] = ['messages', 'responses', 'chat'];

describe('an answer that is whole', () => {
  it.each(APIS)('of %s is not waited for any longer when the connection stays open', async (api) => {
    const reply = replied(await PROVIDERS[api](await given(WHOLE[api], 'open'), 'never'));
    expect(reply).toMatchObject({ text: 'hi', usage: { inputTokens: 500, outputTokens: 700 } });
  });

  it('is kept when who asks gives up at that moment', async () => {
    const abort = new AbortController();
    async function* events() {
      yield* WHOLE.chat;
      await Promise.resolve();
      abort.abort();
      throw abort.signal.reason;
    }
    const call = callOf({}, { model: chatModel() });
    const asked = { call, signal: abort.signal, secret: KEY, listener: undefined, sent: [] };
    const opened = { data: events(), response: { headers: new Headers() } };
    const reply = replied(await readStream(asked, new ChatReading(call, KEY, undefined), async () => opened));
    expect(reply).toMatchObject({ text: 'hi', usage: { outputTokens: 700 } });
  });
});

describe('an answer that is lost before the first word', () => {
  it.each(
    APIS.flatMap((api) => [
      { api, how: 'lost' as const },
      { api, how: 'ended' as const },
    ]),
  )('of $api may have cost all that a model might think: $how', async ({ api, how }) => {
    const lost = failure(await PROVIDERS[api](await given(THINKING[api], how), 'always'));
    expect(lost).toMatchObject({ kind: 'unreachable', usage: { outputTokens: 2_000 } });
    expect(lost.usage?.inputTokens).toBeGreaterThan(0);
  });

  it.each(APIS)('of %s has cost its question if the model does not think', async (api) => {
    const lost = failure(await PROVIDERS[api](await given(THINKING[api], 'lost'), 'never'));
    expect(lost.kind).toBe('unreachable');
    expect(lost.usage?.inputTokens).toBeGreaterThan(0);
    expect(lost.usage?.outputTokens).toBeLessThan(2);
  });

  it.each(APIS)('of %s has cost nothing if it had not begun', async (api) => {
    expect(failure(await PROVIDERS[api](await given([], 'lost'), 'always')).usage).toBeUndefined();
  });
});
