import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentQuestion, declareRole, type PerformContext } from '@troupe/actor';
import type { Answered } from '@troupe/contract';
import { type Bus, connectAs } from '../bus/connect.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../broker/embedded-server.ts';

const base = { description: 'For this test.', scope: 'task' as const, consumes: {}, emits: {} };
const ROLES = [
  declareRole({ ...base, name: 'llm-gateway', kind: 'gateway', answersQuestions: true }),
  declareRole({ ...base, name: 'researcher', kind: 'worker', asksModels: true }),
];

/** A real server with the generated permissions for one role that asks and one that answers. */
export interface AskingRig {
  readonly server: EmbeddedServer;
  /** A connection of its own with the role's credentials; closed with the rig. */
  connect(role: 'llm-gateway' | 'researcher'): Promise<Bus>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startAskingRig(): Promise<AskingRig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-asking-'));
  const port = await freePort();
  const start = () => startEmbeddedServer({ dataDir, port, sync: '2m' }, ROLES);
  let server = await start();
  const buses: Bus[] = [];
  return {
    get server() {
      return server;
    },
    connect: async (role) => {
      const bus = await connectAs(role, server);
      buses.push(bus);
      return bus;
    },
    kill: () => server.kill(),
    restart: async () => {
      server = await start();
    },
    stop: async () => {
      await Promise.all(buses.map(({ nc }) => nc.close()));
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** A question whose run ends in a minute, with what a test wants to differ. */
export function asking(different: Partial<AgentQuestion> = {}): AgentQuestion {
  return {
    tier: 'low',
    purpose: 'search',
    system: 's',
    turns: [{ role: 'user', text: 'Why?' }],
    tools: [{ name: 'submit', description: 'd', parameters: { type: 'object' } }],
    mustCall: true,
    outputTokensMax: 100,
    tokensMax: 10_000,
    timeoutMs: 30_000,
    deadlineAt: Date.now() + 60_000,
    ...different,
  };
}

export const ANSWER: Answered = {
  ok: true,
  provider: 'test',
  model: 'test',
  text: 'Because.',
  toolCalls: [],
  stop: 'end',
  usage: { inputTokens: 1, outputTokens: 1 },
  costUsd: 0,
};

/** The context in which a runtime performs a question. */
export function performing(id: string, signal = new AbortController().signal): PerformContext {
  return {
    id,
    input: {
      type: 'deadline',
      id: 'deadline.1',
      run: '019a1b2c-0000-7000-8000-000000000001',
      tenant: 'default',
      at: 0,
    },
    record: () => Promise.resolve(),
    signal,
  };
}

/** Calls `then` whenever the connection is there again. */
export async function onReconnect({ nc }: Bus, then: () => void): Promise<void> {
  for await (const status of nc.status()) if (status.type === 'reconnect') then();
}
