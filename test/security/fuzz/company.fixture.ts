import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { connectAs } from '@troupe/nats';
import { Cluster } from '@troupe/scripts/cluster';
import getPort from 'get-port';
import { z } from 'zod';
import { percentile } from '../../bench/statistics.ts';
import { rssMb } from '../../bench/process-usage.ts';
import { LAYOUT, TENANT } from '../secured-bus.fixture.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'fixtures', 'docs');
/** Beside {@link TENANT}: its clients come with a key. */
export const OTHER_TENANT = 'acme';
const RESULT_MS_MAX = 60_000;
const Created = z.object({ runId: z.string() });
const Ended = z.object({ body: z.object({ status: z.string() }) });

/** One process as it was when it was looked at. */
export interface Life {
  name: string;
  pid: number | undefined;
  restarts: number;
  rssMb: number;
}

/** A whole company as users start it, and what its users see of it. */
export interface Victim {
  cluster: Cluster;
  dataDir: string;
  /** Publishes a goal and waits for its result. */
  goal(text: string): Promise<{ run: string; status: string; ms: number }>;
  /** The median of the time that so many goals take, one after the other. */
  medianMs(goals: number): Promise<number>;
  lives(): Life[];
  stop(): Promise<void>;
}

export async function startVictim(env: Record<string, string> = {}): Promise<Victim> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-fuzz-'));
  const cluster = await Cluster.start({
    dataDir,
    natsPort: await getPort(),
    sync: '2m',
    replicas: 1,
    metricsPort: 0,
    shards: LAYOUT.shards,
    tenants: [OTHER_TENANT],
    env: { TROUPE_DOCS: DOCS, TROUPE_LOG_LEVEL: 'warn', TROUPE_MODEL_PROVIDER: 'scripted', ...env },
  });
  const user = await connect({ servers: cluster.server.url });
  const goal = (text: string) => timed(user, text);
  return {
    cluster,
    dataDir,
    goal,
    medianMs: async (goals) => {
      const times: number[] = [];
      for (let index = 0; index < goals; index += 1) times.push((await goal(`What do the ferries cost? ${index}`)).ms);
      return percentile(times, 0.5);
    },
    lives: () => [
      { name: 'nats-server', pid: cluster.server.pid, restarts: 0, rssMb: rssMb(cluster.server.pid) },
      ...cluster.children.map(({ options: { name }, pid, restarts }) => ({
        name,
        pid,
        restarts,
        rssMb: rssMb(pid ?? 0),
      })),
    ],
    stop: async () => {
      await user.close();
      await cluster.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The user's own way: a request for a run, and the result as it is broadcast. */
async function timed(nc: NatsConnection, text: string): Promise<{ run: string; status: string; ms: number }> {
  const begun = performance.now();
  const results = nc.subscribe(`troupe.results.${TENANT}.>`);
  const timer = setTimeout(() => results.unsubscribe(), RESULT_MS_MAX);
  try {
    const reply = await nc.request(`troupe.api.${TENANT}.runs.create`, JSON.stringify({ goal: text }), {
      timeout: RESULT_MS_MAX,
    });
    const { runId: run } = Created.parse(reply.json());
    for await (const message of results) {
      if (!message.subject.startsWith(`troupe.results.${TENANT}.${run}.`)) continue;
      return { run, status: Ended.parse(message.json()).body.status, ms: performance.now() - begun };
    }
    throw new Error(`the goal "${text}" (${run}) had no result within ${RESULT_MS_MAX} ms`);
  } finally {
    clearTimeout(timer);
    results.unsubscribe();
  }
}

/** A raw connection of an account of the configuration, with the real credentials. */
export async function attackerOf(cluster: Cluster, account: string): Promise<NatsConnection> {
  if (account === 'CLIENT') return connect({ servers: cluster.server.url });
  if (account === `TENANT_${OTHER_TENANT}`) {
    const seed = readFileSync(join(cluster.server.authDir, `tenant.${OTHER_TENANT}`, 'nats.nk'));
    return connect({ servers: cluster.server.url, authenticator: nkeyAuthenticator(seed) });
  }
  const role = cluster.roles.find(({ declaration: { name } }) => account === `ROLE_${name.replaceAll('-', '_')}`);
  return (await connectAs(role?.declaration.name ?? 'viewer', cluster.server)).nc;
}
