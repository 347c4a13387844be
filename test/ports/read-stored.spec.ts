import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { declareRole } from '@troupe/actor';
import { DEFAULT_TENANT, encodeJson, STREAMS, subjects } from '@troupe/contract';
import {
  type Bus,
  connectAs,
  type EmbeddedServer,
  ensureTopology,
  readStored,
  startEmbeddedServer,
} from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** More than one batch of direct gets. */
const GOALS = 600;

const role = declareRole({
  name: 'supervisor',
  kind: 'agent',
  description: 'Leads.',
  scope: 'run',
  consumes: {},
  emits: { noted: ['log'] },
  takesGoals: true,
  servesApi: true,
});

let folder: string;
let server: EmbeddedServer;
let admin: Bus;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-batch-'));
  server = await startEmbeddedServer({ dataDir: folder, port: await getPort(), sync: '2m', shards: 1 }, [role]);
  admin = await connectAs('admin', server);
  await ensureTopology(admin, [role], { replicas: 1 });
  const subject = subjects.goals(DEFAULT_TENANT);
  for (let index = 0; index < GOALS; index += 1) admin.nc.publish(subject, encodeJson({ goal: `goal ${index}` }));
  await admin.nc.request(subject, encodeJson({ goal: 'the last one' }));
});
afterAll(async () => {
  await admin?.nc.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('reading what is stored', () => {
  it.each([
    ['a sequence', { fromSeq: 1 }],
    ['a time', { fromSeq: 1, fromTime: Date.now() - 60_000 }],
  ])('from %s on gives each message once, however many batches there are', async (_what, start) => {
    const seqs: number[] = [];
    const query = { stream: STREAMS.goals, subject: subjects.goals(DEFAULT_TENANT), ...start };
    for await (const { seq } of readStored(admin, query)) if (seqs.push(seq) > 2 * GOALS) break;
    expect(seqs).toEqual(Array.from({ length: GOALS + 1 }, (_, index) => index + 1));
  });
});
