import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { declareRole } from '@troupe/actor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAs } from '../bus/connect.ts';
import { EmbeddedCluster } from './embedded-cluster.ts';
import { type EmbeddedServer, startEmbeddedServer } from './embedded-server.ts';
import { ensureTopology } from './ensure-topology.ts';
import { checkServer } from './server-check.ts';
import { boundsOf } from './stream-bounds.ts';

const ROLES = [
  declareRole({
    name: 'taker',
    kind: 'worker',
    description: 'Takes tasks and goals.',
    scope: 'task',
    consumes: { 'task.assigned': ['giver'] },
    emits: { noted: ['log'] },
    takesGoals: true,
    servesApi: true,
  }),
];
const STORE_BYTES = 64 * 1024 * 1024;
const RETENTION = { replicas: 3 };

let dataDir: string;
let routePorts: number[];
let cluster: EmbeddedCluster;
let alone: EmbeddedServer;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-cluster-'));
  const [port = 0, ...free] = await freePorts(7);
  const ports = free.slice(0, 3);
  routePorts = free.slice(3);
  const settings = { sync: '2m', shards: 2, maxStoreBytes: STORE_BYTES };
  alone = await startEmbeddedServer({ ...settings, dataDir: join(dataDir, 'alone'), port }, ROLES);
  const folder = join(dataDir, 'cluster');
  cluster = await EmbeddedCluster.start({ ...settings, dataDir: folder, ports, routePorts }, ROLES);
});
afterAll(async () => {
  await cluster?.kill();
  await alone?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('three servers', () => {
  it('hold three copies of each stream and consumer, each as large as the store of a server alone allows', async () => {
    const admin = await connectAs('admin', cluster);
    await cluster.members[2]?.kill();
    await checkServer(admin, 3);
    const made = ensureTopology(admin, ROLES, RETENTION);
    // One server comes later than the others: it is waited for.
    await cluster.startAgain(2);
    await made;
    expect(await ensureTopology(admin, ROLES, RETENTION)).toEqual([]);
    const manager = await jetstreamManager(admin.nc);
    const { config, cluster: copies } = await manager.streams.info('RUNS_1');
    expect(config.max_bytes).toBe(boundsOf('RUNS', STORE_BYTES, 2).max_bytes);
    expect(copies?.replicas).toHaveLength(2);
    expect((await manager.consumers.info('RUNS_1', 'taker')).cluster?.replicas).toHaveLength(2);
    await admin.nc.close();
  }, 60_000);

  it('let no other server in that does not have their key', async () => {
    const socket = connectTcp({ host: '127.0.0.1', port: routePorts[0] ?? 0 });
    let heard = '';
    socket.on('data', (data: Buffer) => void (heard += data.toString()));
    await once(socket, 'connect');
    socket.write(
      'CONNECT {"verbose":false,"user":"route","pass":"a guess","name":"stranger","cluster":"troupe"}\r\nPING\r\n',
    );
    await once(socket, 'close');
    expect(heard).toContain('Authorization Violation');
    expect(heard).not.toContain('PONG');
  });
});

it('a server alone that is asked for three copies says that it is alone', async () => {
  const admin = await connectAs('admin', alone);
  await expect(checkServer(admin, 3)).rejects.toThrow(
    /3 replicas \(TROUPE_STREAM_REPLICAS\).* is not in a cluster: .*--servers/,
  );
  await expect(checkServer(admin)).resolves.toBeUndefined();
  await admin.nc.close();
});

/** Ports that nobody listens on, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
