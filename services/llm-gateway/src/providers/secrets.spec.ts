import { describe, expect, it } from 'vitest';
import { chatModel, chunk, finish, piece } from './chat/chat.fixture.ts';
import { chatProvider } from './chat/provider.ts';
import { callOf, failure, NEVER } from './openai/call.fixture.ts';
import { startSseServer } from './openai/sse-server.fixture.ts';
import type { Step } from './openai/sse-server.fixture.ts';
import { callItem, streamOf } from './responses/response.fixture.ts';
import { responsesProvider } from './responses/provider.ts';

/** Of no vendor's shape, so that only who knows it can cut it out. */
const KEY = '5f2c9ab17e0d4c3b9a8e7d6c5b4a3921';

describe('a key', () => {
  it.each<[string, Step]>([
    ['a refusal', { events: [chunk({ refusal: `no, ${KEY}` }), finish('stop')], ending: 'done' }],
    ['a call', { events: [piece(0, 'nonsense', { id: 'c', name: KEY }), finish('stop')], ending: 'done' }],
    ['a page where it is cut', { status: 502, body: `${'x'.repeat(480)} ${KEY} and more` }],
  ])('that comes back from a compatible server in %s stays here, whole and in part', async (_where, step) => {
    const { baseUrl } = await startSseServer([step]);
    const provider = chatProvider({ name: 'compatible', apiKey: KEY, baseUrl });
    const { message } = failure(await provider.ask(callOf({}, { model: chatModel() }), NEVER));
    expect(message).not.toContain(KEY.slice(0, 8));
    expect(message).toContain('[redacted]');
  });

  it('that comes back from the Responses API in a call stays here', async () => {
    const { baseUrl } = await startSseServer([streamOf([callItem(KEY, 'nonsense')])]);
    const provider = responsesProvider({ name: 'openai', apiKey: KEY, baseUrl });
    const { message } = failure(await provider.ask(callOf(), NEVER));
    expect(message).toContain('the call of "[redacted]"');
  });
});
