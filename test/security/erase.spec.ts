import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subjects } from '@troupe/contract';
import { connectAs, erase, RunReader } from '@troupe/nats';
import { Cluster } from '@troupe/scripts/cluster';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { must } from './secured-bus.fixture.ts';

const DOCS = join(import.meta.dirname, '..', 'fixtures', 'docs');
const ENDED_MS_MAX = 15_000;
/** Words that stand nowhere but in these goals and what became of them. */
const MARKS = { gone: 'Zwergfledermaus', run: 'Siebenschlaefer', kept: 'Haubentaucher' };

const Created = z.object({ runId: z.uuid() });

let dataDir: string;
let cluster: Cluster;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-erase-'));
  const env = { TROUPE_DOCS: DOCS, TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_LOG_LEVEL: 'warn' };
  const natsPort = await getPort();
  cluster = await Cluster.start({
    dataDir,
    natsPort,
    sync: '2m',
    replicas: 1,
    metricsPort: 0,
    env,
    tenants: ['acme'],
  });
}, 60_000);
afterAll(async () => {
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Files of the store, and of everything else in the data folder, that hold these words. */
function filesWith(words: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(words));
}

describe('given runs of two tenants that have ended', () => {
  it('when one tenant and one run of the other are erased, then no byte of them is left, and the rest is whole', async () => {
    const viewer = await connectAs('viewer', cluster.server);
    const reader = new RunReader(viewer);
    const run = async (tenant: string, words: string) => {
      const goal = JSON.stringify({ goal: `What does the report say about the ${words}?` });
      return Created.parse((await must(viewer.nc, subjects.api(tenant, 'create'), goal)).json()).runId;
    };
    const gone = await run('acme', MARKS.gone);
    const one = await run('default', MARKS.run);
    const kept = await run('default', MARKS.kept);
    for (const each of [gone, one, kept])
      await expect.poll(() => reader.end(each), { timeout: ENDED_MS_MAX }).toBeDefined();

    const admin = await connectAs('admin', cluster.server);
    const ofTenant = await erase(admin, { tenant: 'acme' });
    const ofRun = await erase(admin, { tenant: 'default', run: one });
    expect([...ofTenant.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
    expect([...ofRun.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
    expect(await reader.log(gone)).toEqual([]);
    expect(await reader.log(one)).toEqual([]);
    expect((await reader.log(kept)).length).toBeGreaterThan(20);
    expect((await reader.goals(10)).map((goal) => goal.run)).toEqual([kept]);
    await admin.nc.close();
    await viewer.nc.close();
    // What the server has in memory reaches its files when it stops.
    await cluster.stop();
    expect(filesWith(MARKS.kept)).not.toEqual([]);
    expect(filesWith(MARKS.gone)).toEqual([]);
    expect(filesWith(MARKS.run)).toEqual([]);
  }, 60_000);
});
