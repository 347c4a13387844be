import type { AgentQuestion } from '@troupe/actor';
import { NatsAsker } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayRig, startGatewayRig } from './gateway-process.fixture.ts';
import { type RunningServer, startJsonServer, type WireReply } from './providers/json-server.fixture.ts';

const MODEL_MS = 500;
/** A question that was lost with its gateway is asked again only after so long a silence. */
const SILENCE_MS = 2_000;

const CHUNK = {
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1_760_000_000,
  model: 'test',
  choices: [{ index: 0, delta: { role: 'assistant', content: 'Because.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const COMPLETION: WireReply = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: `data: ${JSON.stringify(CHUNK)}\n\ndata: [DONE]\n\n`,
};

let rig: GatewayRig;
let model: RunningServer;
let asker: NatsAsker;

beforeAll(async () => {
  rig = await startGatewayRig();
  model = await startJsonServer(async () => {
    await new Promise((resolve) => setTimeout(resolve, MODEL_MS));
    return COMPLETION;
  });
  asker = new NatsAsker(rig.agent);
});
afterAll(async () => {
  await rig?.stop();
  await model?.close();
});

const question = (): AgentQuestion => ({
  tier: 'low',
  purpose: 'search',
  system: 's',
  turns: [{ role: 'user', text: 'Why?' }],
  tools: [],
  mustCall: false,
  outputTokensMax: 100,
  tokensMax: 10_000,
  timeoutMs: 30_000,
  deadlineAt: Date.now() + 60_000,
});

/** Asks one question; resolves with how long it took, in ms. */
async function ask(id: string): Promise<number> {
  const started = performance.now();
  const context = { id, record: () => Promise.resolve(), signal: new AbortController().signal };
  const input = {
    type: 'deadline' as const,
    id: 'deadline.1',
    run: '0190a8d4-0000-7000-8000-000000000001',
    tenant: 'default',
    at: 0,
  };
  const { answer } = await asker.perform(question(), { ...context, input });
  expect(answer).toMatchObject({ ok: true, text: 'Because.' });
  return performance.now() - started;
}

describe('given two gateways with questions open and arriving', () => {
  it('when one gets SIGTERM, then no question is lost, asked twice or waits for silence, and it ends with code 0', async () => {
    const settings = { TROUPE_MODEL_PROVIDER: 'openai', OPENAI_BASE_URL: `${model.origin}/v1`, TROUPE_MODEL: 'test' };
    const first = await rig.start(settings);
    // Each has asked its model once: what a process does only the first time is not measured.
    await ask('warm/first');
    const second = await rig.start(settings);
    await Promise.all(Array.from({ length: 16 }, (_, index) => ask(`warm/${index}`)));
    const callsBefore = model.requests.length;
    const asked: Promise<number>[] = [];
    const timer = setInterval(() => asked.push(ask(`open/${asked.length}`)), 10);
    await expect.poll(() => asked.length).toBeGreaterThan(20);
    expect(await first.stop()).toBe(0);
    await expect.poll(() => asked.length).toBeGreaterThan(60);
    clearInterval(timer);
    const times = await Promise.all(asked);
    expect(model.requests.length - callsBefore).toBe(asked.length);
    expect(Math.max(...times)).toBeLessThan(MODEL_MS + SILENCE_MS);
    expect(await second.stop()).toBe(0);
  });
});
