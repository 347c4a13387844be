import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentQuestion, declareRole, type PerformContext } from '@troupe/actor';
import type { Answer } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectAs } from '../bus/connect.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../broker/embedded-server.ts';
import { NatsAsker } from './nats-asker.ts';
import { QuestionServer } from './question-server.ts';

const base = { description: 'For this test.', scope: 'task' as const, consumes: {}, emits: {} };
const gateway = declareRole({ ...base, name: 'llm-gateway', kind: 'gateway', answersQuestions: true });
const agent = declareRole({ ...base, name: 'researcher', kind: 'worker', asksModels: true });
const ROLES = [gateway, agent];

const question: AgentQuestion = {
  system: 's',
  turns: [{ role: 'user', text: 'Why?' }],
  tools: [{ name: 'submit', description: 'd', parameters: { type: 'object' } }],
  mustCall: true,
  outputTokensMax: 100,
  timeoutMs: 30_000,
  deadlineAt: Date.now() + 60_000,
};
const ANSWER: Answer = {
  ok: true,
  provider: 'test',
  model: 'test',
  text: 'Because.',
  toolCalls: [],
  stop: 'end',
  usage: { inputTokens: 1, outputTokens: 1 },
  costUsd: 0,
};
const context: PerformContext = {
  id: 'q1',
  input: { type: 'run.cancel', id: 'cancel.1', run: '019a1b2c-0000-7000-8000-000000000001', tenant: 'default', at: 0 },
  record: () => Promise.resolve(),
  signal: new AbortController().signal,
};

let folder: string;
let server: EmbeddedServer;
let start: () => Promise<EmbeddedServer>;
let buses: Bus[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-asking-'));
  const port = await freePort();
  start = () => startEmbeddedServer({ dataDir: folder, port, sync: '2m' }, ROLES);
  server = await start();
  buses = await Promise.all(ROLES.map(({ name }) => connectAs(name, server)));
});

afterAll(async () => {
  await Promise.all(buses.map(({ nc }) => nc.close()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const bus = (index: number): Bus => {
  const found = buses[index];
  if (found === undefined) throw new Error('not connected');
  return found;
};

/** Calls `then` whenever the connection is there again. */
async function onReconnect({ nc }: Bus, then: () => void): Promise<void> {
  for await (const status of nc.status()) if (status.type === 'reconnect') then();
}

describe('a question that is open', () => {
  it('when its answer is lost with the server, then it is asked again and answered', async () => {
    const { promise: called, resolve: call } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let asked = 0;
    const answering = new QuestionServer(bus(0), async () => {
      asked += 1;
      call();
      await released;
      return ANSWER;
    });
    const asker = new NatsAsker(bus(1));
    void onReconnect(bus(0), () => answering.reconnected());
    void onReconnect(bus(1), () => asker.reconnected());
    answering.start();
    const answered = asker.perform(question, context);
    await called;
    await server.kill();
    // The model answers while nobody can hear it.
    release();
    server = await start();
    expect((await answered).answer).toEqual(ANSWER);
    expect(asked).toBeGreaterThan(1);
    await answering.drain(0);
    asker.close();
  });
});
