import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subjects } from '@troupe/contract';
import { type Bus, connectAs, erase, readStored, RunReader } from '@troupe/nats';
import { Cluster } from '@troupe/scripts/cluster';
import getPort from 'get-port';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { must } from './secured-bus.fixture.ts';

const DOCS = join(import.meta.dirname, '..', 'fixtures', 'docs');
const ENDED_MS_MAX = 15_000;
/** Words that stand nowhere but in these goals and what became of them. */
const MARKS = { gone: 'Zwergfledermaus', run: 'Siebenschlaefer', kept: 'Haubentaucher' };

const Created = z.object({ runId: z.uuid() });

/** How long runs stay in the log after their end: long, or so short that they are in the archive alone. */
const PLACES = [
  ['in the log and in the archive', 3_600_000, true],
  ['in the archive alone', 1_000, false],
] as const;

/** What has left the log, or was taken in, is not overwritten: it goes with its block, when that has emptied. */
const TAKEN_IN = /streams\/GOALS\w*\/msgs\//;
const LEFT = /streams\/(RUNS_\d+|GOALS\w*)\/msgs\//;

let dataDir: string;
let cluster: Cluster;
afterEach(async () => {
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(keepMs: number): Promise<void> {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-erase-'));
  const env = {
    TROUPE_DOCS: DOCS,
    TROUPE_MODEL_PROVIDER: 'scripted',
    TROUPE_LOG_LEVEL: 'warn',
    TROUPE_ARCHIVE_KEEP_MS: String(keepMs),
  };
  const natsPort = await getPort();
  const tenants = ['acme'];
  cluster = await Cluster.start({ dataDir, natsPort, sync: '2m', replicas: 1, metricsPort: 0, env, tenants });
}

/** How many messages of a run there are in a stream. */
async function countOf(admin: Bus, stream: string, subject: string): Promise<number> {
  let count = 0;
  for await (const _ of readStored(admin, { stream, subject, fromSeq: 1 })) count += 1;
  return count;
}

/** Files of the store, and of everything else in the data folder, that hold these words. */
function filesWith(words: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(words));
}

describe.each(PLACES)('given runs of two tenants that are %s', (_where, keepMs, isKept) => {
  it('when one tenant and one run of the other are erased, then no byte of them is left, and the rest is whole', async () => {
    await start(keepMs);
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
    const { layout } = admin;
    const archived = (each: string) => countOf(admin, 'ARCHIVE', `troupe.archive.*.${each}.*`);
    const inLog = (each: string) => countOf(admin, layout.streamOf(each), layout.runOfAnybody(each));
    for (const each of [gone, one, kept]) {
      await expect.poll(() => archived(each), { timeout: ENDED_MS_MAX }).toBe(1);
      const isLeft = async () => (await inLog(each)) === 0;
      await expect.poll(isLeft, { timeout: ENDED_MS_MAX }).toBe(!isKept);
      expect((await reader.log(each)).length).toBeGreaterThan(20);
    }
    expect((await reader.goals(10)).map((goal) => goal.run)).toEqual([gone, one, kept]);
    const ofTenant = await erase(admin, { tenant: 'acme' });
    const ofRun = await erase(admin, { tenant: 'default', run: one });
    expect([ofTenant.get('ARCHIVE'), ofRun.get('ARCHIVE')]).toEqual([1, 1]);
    expect([await archived(gone), await archived(one), await archived(kept)]).toEqual([0, 0, 1]);
    expect([await inLog(gone), await inLog(one)]).toEqual([0, 0]);
    expect(await reader.log(gone)).toEqual([]);
    expect(await reader.log(one)).toEqual([]);
    expect((await reader.log(kept)).length).toBeGreaterThan(20);
    expect((await reader.goals(10)).map((goal) => goal.run)).toEqual([kept]);
    await admin.nc.close();
    await viewer.nc.close();
    // What the server has in memory reaches its files when it stops.
    await cluster.stop();
    // The archive is compressed, but for the line that names the run.
    expect(filesWith(`"run":"${kept}"`)).not.toEqual([]);
    for (const words of [`"run":"${gone}"`, `"run":"${one}"`]) expect(filesWith(words)).toEqual([]);
    for (const words of [MARKS.gone, MARKS.run])
      expect(filesWith(words).filter((file) => !(isKept ? TAKEN_IN : LEFT).test(file))).toEqual([]);
  }, 60_000);
});
