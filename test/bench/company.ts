import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { Cluster } from '@troupe/scripts/cluster';
import { cpuMs, rssMb } from './process-usage.ts';

const DOCS = join(import.meta.dirname, '..', 'fixtures', 'docs');

/** All roles as separate processes with the scripted model, and the means to measure them. */
export interface Company {
  cluster: Cluster;
  /** CPU time of all processes so far, the NATS server included, in ms. */
  cpu(): number;
  /** Resident memory per process in MB. */
  rss(): Record<string, number>;
  /** The sum of one counter over all processes. */
  counter(name: string): Promise<number>;
  stop(): Promise<void>;
}

interface CompanyOptions {
  sync: string;
  latencyMs: number;
  replicas?: number;
  /** Beside the default one. */
  tenants?: readonly string[];
  /** Of the log; one for each replica if left out. */
  shards?: number;
  /** Settings of the processes beside those of every measurement. */
  env?: Record<string, string>;
}

export async function startCompany(options: CompanyOptions): Promise<Company> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-bench-'));
  const env = {
    TROUPE_DOCS: DOCS,
    TROUPE_LOG_LEVEL: 'warn',
    TROUPE_MODEL_PROVIDER: 'scripted',
    TROUPE_MODEL_CONCURRENCY: '50000',
    TROUPE_SCRIPTED_LATENCY_MS: String(options.latencyMs),
    ...options.env,
  };
  const { sync, replicas = 1, tenants, shards } = options;
  const natsPort = await getPort();
  const cluster = await Cluster.start({ dataDir, natsPort, sync, replicas, tenants, shards, metricsPort: 0, env });
  const pids = () => [
    ['nats-server', cluster.server.pid] as const,
    ...cluster.children.map(({ options: { name }, pid }) => [name, pid ?? 0] as const),
  ];
  return {
    cluster,
    cpu: () => pids().reduce((sum, [, pid]) => sum + cpuMs(pid), 0),
    rss: () => Object.fromEntries(pids().map(([name, pid]) => [name, rssMb(pid)])),
    counter: async (name) => {
      const values = await Promise.all(cluster.metrics.map(({ port }) => readCounter(port, name)));
      return values.reduce((sum, value) => sum + value, 0);
    },
    stop: async () => {
      await cluster.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function readCounter(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
