import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startJsonServer } from '../json-server.fixture.ts';
import type { RunningServer } from '../json-server.fixture.ts';
import { callOf, replied } from './asked.fixture.ts';
import { ANTHROPIC_KEY, eventOf } from './message-events.fixture.ts';
import { anthropicProvider } from './provider.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const Sent = z.object({ max_tokens: z.int() });
const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null };

/** A model that writes this many tokens of an answer, pauses, and counts this many for what it has read. */
async function given(inputTokens: number, outputTokens: (max: number) => number) {
  const limits: number[] = [];
  const server = await startJsonServer(({ body }) => {
    const max = Sent.parse(body).max_tokens;
    limits.push(max);
    const events = [
      { type: 'message_start', message: { ...message, usage: { input_tokens: inputTokens, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'a' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'pause_turn' }, usage: { output_tokens: outputTokens(max) } },
      { type: 'message_stop' },
    ];
    return { status: 200, body: events.map(eventOf).join(''), headers: { 'content-type': 'text/event-stream' } };
  });
  running.push(server);
  const provider = anthropicProvider({ name: 'anthropic', apiKey: ANTHROPIC_KEY, baseUrl: server.origin });
  return { limits, provider };
}

describe('an answer with pauses', () => {
  it('costs no more than one without: each request has what the ones before it left', async () => {
    const { limits, provider } = await given(100, () => 1_000);
    const reply = replied(await provider.ask(callOf({ outputTokensMax: 4_000 }), new AbortController().signal));
    expect(limits).toEqual([4_000, 4_000 - 2_100]);
    expect(reply).toMatchObject({ text: 'aa', stop: 'length', usage: { inputTokens: 200, outputTokens: 2_000 } });
  });

  it('is cut off where nothing is left', async () => {
    const { limits, provider } = await given(100, (max) => max);
    const reply = replied(await provider.ask(callOf({ outputTokensMax: 4_000 }), new AbortController().signal));
    expect(limits).toEqual([4_000]);
    expect(reply).toMatchObject({ text: 'a', stop: 'length', usage: { inputTokens: 100, outputTokens: 4_000 } });
  });
});
