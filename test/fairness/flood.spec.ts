import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { runIdOf } from '@troupe/actor';
import { subjects } from '@troupe/contract';
import { Cluster } from '@troupe/scripts/cluster';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

const DOCS = join(import.meta.dirname, '..', 'fixtures', 'docs');
/** So few that most goals of the flood wait, whatever the machine. */
const RUNS_MAX = 32;
const FLOOD = 600;
const MODEL_MS = 200;
const ENDED_MS_MAX = 20_000;
const GOAL = 'What does the report say about durable logs?';

const Ended = z.object({ run: z.string(), body: z.object({ status: z.string() }) });

let dataDir: string;
let cluster: Cluster;
let flood: Client;
let single: Client;

/** A tenant's client, and the runs that it has heard the end of, with their status. */
class Client {
  readonly nc: NatsConnection;
  readonly tenant: string;
  readonly ended = new Map<string, string>();

  constructor(nc: NatsConnection, tenant: string) {
    this.nc = nc;
    this.tenant = tenant;
    nc.subscribe(subjects.liveResultsOf(tenant), {
      callback: (_error, message) => {
        const { run, body } = Ended.parse(message.json());
        this.ended.set(run, body.status);
      },
    });
  }

  /** Returns the run that the goal becomes. */
  publish(id: string): string {
    this.nc.publish(subjects.goals(this.tenant), JSON.stringify({ goal: GOAL, id }));
    return runIdOf({ tenant: this.tenant, id, seq: 0, at: 0 });
  }

  async cancel(run: string): Promise<void> {
    const reply = await this.nc.request(subjects.api(this.tenant, 'cancel'), run, { timeout: 5_000 });
    expect(reply.json()).toEqual({ runId: run, status: 'cancelling' });
  }

  /** Resolves with the status of the run when its end is heard. */
  async statusOf(run: string): Promise<string | undefined> {
    await expect.poll(() => this.ended.has(run), { timeout: ENDED_MS_MAX, interval: 5 }).toBe(true);
    return this.ended.get(run);
  }
}

async function clientOf(tenant: string): Promise<Client> {
  const seed = readFileSync(join(cluster.server.authDir, `tenant.${tenant}`, 'nats.nk'));
  const client = new Client(
    await connect({ servers: cluster.server.url, authenticator: nkeyAuthenticator(seed) }),
    tenant,
  );
  await client.nc.flush();
  return client;
}

/** A figure of the supervisor's. */
async function metric(name: string): Promise<number> {
  const port = cluster.metrics.find((process) => process.name.startsWith('supervisor'))?.port;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-fairness-'));
  const env = {
    TROUPE_DOCS: DOCS,
    TROUPE_LOG_LEVEL: 'warn',
    TROUPE_MODEL_PROVIDER: 'scripted',
    TROUPE_SCRIPTED_LATENCY_MS: String(MODEL_MS),
    TROUPE_RUNS_MAX: String(RUNS_MAX),
  };
  const tenants = ['flood', 'single'];
  const natsPort = await getPort();
  cluster = await Cluster.start({ dataDir, natsPort, sync: '2m', replicas: 1, metricsPort: 0, env, tenants });
  [flood, single] = [await clientOf('flood'), await clientOf('single')];
}, 60_000);
afterAll(async () => {
  for (const client of [flood, single]) await client?.nc.close();
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('given a tenant that has published more goals than the company takes in at once', () => {
  const runs: string[] = [];
  beforeAll(async () => {
    runs.push(...Array.from({ length: FLOOD }, (_, index) => flood.publish(`goal-${index}`)));
    await flood.nc.flush();
    const wait = async () => expect(await metric('troupe_goals_waiting')).toBeGreaterThan(FLOOD / 2);
    await vi.waitFor(wait, { timeout: ENDED_MS_MAX });
  });

  it('when another tenant publishes one, then its run ends while most of the others have not begun', async () => {
    expect(await single.statusOf(single.publish('one'))).toBe('completed');
    expect(await metric('troupe_goals_waiting')).toBeGreaterThan(FLOOD / 2);
    expect(flood.ended.size).toBeLessThan(FLOOD / 4);
  });

  it('then no more runs are in flight than are allowed, and one of each tenant that has less than its part', async () => {
    expect(await metric('troupe_runs_in_flight')).toBeLessThanOrEqual(RUNS_MAX + RUNS_MAX / 2);
  });

  it('when it cancels a run that is under way, then it ends at once: before the goals that wait begin', async () => {
    const underWay = runs.findLast((_, index) => index < flood.ended.size + RUNS_MAX / 2) ?? '';
    await flood.cancel(underWay);
    expect(await flood.statusOf(underWay)).toBe('cancelled');
    expect(await metric('troupe_goals_waiting')).toBeGreaterThan(FLOOD / 4);
  });

  it('when it cancels one whose goal waits, then the cancel waits with it and ends the run when it begins', async () => {
    const waiting = runs[flood.ended.size + 4 * RUNS_MAX] ?? '';
    await flood.cancel(waiting);
    expect(flood.ended.has(waiting)).toBe(false);
    expect(await flood.statusOf(waiting)).toBe('cancelled');
  });
});
