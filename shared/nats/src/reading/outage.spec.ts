import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declareRole } from '@troupe/actor';
import type { RunId } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../broker/embedded-server.ts';
import { ensureTopology } from '../broker/ensure-topology.ts';
import { type Bus, connectAs } from '../bus/connect.ts';
import { RunReader } from './run-reader.ts';

/** Less than a reader waits for an answer that does not come. */
const NOTICED_MS_MAX = 8_000;
const RUN: RunId = '019a1b2c-0000-7000-8000-000000000001';

const role = declareRole({
  name: 'supervisor',
  kind: 'agent',
  description: 'Leads.',
  scope: 'run',
  consumes: {},
  emits: { noted: ['log'] },
  takesGoals: true,
});

let folder: string;
let port: number;
let server: EmbeddedServer;
let viewer: Bus;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-outage-'));
  port = await freePort();
  server = await start();
  const admin = await connectAs('admin', server);
  await ensureTopology(admin, [role], { replicas: 1 });
  await admin.nc.close();
  viewer = await connectAs('viewer', server);
});

afterAll(async () => {
  await viewer.nc.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = () => startEmbeddedServer({ dataDir: folder, port, sync: '2m', shards: 1 }, [role]);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function status(wanted: string): Promise<void> {
  for await (const { type } of viewer.nc.status()) if (type === wanted) return;
}

describe('when the server goes away', () => {
  it('a read that it did not answer ends as soon as that is known, and the next one is answered', async () => {
    const reader = new RunReader(viewer);
    expect(await reader.log(RUN)).toEqual([]);
    const [lost, back] = [status('disconnect'), status('reconnect')];
    await server.kill();
    await lost;
    // What is asked now is in the client's buffer, and is dropped when it connects again.
    const began = performance.now();
    const unanswered = reader.log(RUN).then(() => 'answered', String);
    server = await start();
    await back;
    expect(await unanswered).toContain('The stream RUNS_0 cannot be read: the connection was lost.');
    expect(performance.now() - began).toBeLessThan(NOTICED_MS_MAX);
    expect(await reader.log(RUN)).toEqual([]);
  });
});
