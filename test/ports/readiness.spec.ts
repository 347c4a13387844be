import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { type Bus, connectAs, ensureTopology } from '@troupe/nats';
import { Cluster } from '@troupe/scripts/cluster';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const DOCS = join(import.meta.dirname, '..', 'fixtures', 'docs');
const ROLE = 'writer';
/** A pull that hears nothing is given up after 5 s; the next one finds the consumer. */
const NOTICED_MS_MAX = 30_000;

let dataDir: string;
let cluster: Cluster;
let admin: Bus;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-ready-'));
  const env = { TROUPE_DOCS: DOCS, TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_LOG_LEVEL: 'warn' };
  cluster = await Cluster.start({ dataDir, natsPort: await getPort(), sync: '2m', replicas: 1, metricsPort: 0, env });
  admin = await connectAs('admin', cluster.server);
});

afterAll(async () => {
  await admin.nc.close();
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const statusOf = async (path: string): Promise<number> => {
  const port = cluster.metrics.find(({ name }) => name === ROLE)?.port ?? 0;
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
};

describe('/readyz of a role process', () => {
  it('says no while its consumer of one shard is gone, and yes when it is back; /healthz says yes all the time', async () => {
    expect(await statusOf('/readyz')).toBe(200);
    const [stream = ''] = admin.layout.streams;
    await (await jetstreamManager(admin.nc)).consumers.delete(stream, ROLE);
    const soon = { timeout: NOTICED_MS_MAX, interval: 100 };
    await vi.waitFor(async () => expect(await statusOf('/readyz')).toBe(503), soon);
    expect(await statusOf('/healthz')).toBe(200);
    const roles = cluster.roles.map(({ declaration }) => declaration);
    await ensureTopology(admin, roles, { replicas: 1 });
    await vi.waitFor(async () => expect(await statusOf('/readyz')).toBe(200), soon);
  });
});
