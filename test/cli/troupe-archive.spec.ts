import { subjects } from '@troupe/contract';
import { connectAs, readStored, RunReader } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Command, DOCS, Place } from './command.fixture.ts';

const LEFT_MS_MAX = 20_000;
const ID = 'quarterly-report';

let place: Place;
/** A run that has left the log. */
let run: string;

beforeAll(async () => {
  place = await Place.make();
  const env = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_ARCHIVE_KEEP_MS: '1000' };
  await place.start(['--no-example', '--docs', DOCS], env).said(/Troupe is up/);
  await done(place.troupe('run', 'What is a durable log?', '--id', ID));
  run = (await done(place.troupe('run', 'What is a durable log?', '--id', ID, '--no-wait'))).out.trim();
  const hasLeft = async () => expect(await inLog(run)).toBe(0);
  await vi.waitFor(hasLeft, { timeout: LEFT_MS_MAX, interval: 250 });
}, 90_000);
afterAll(() => place.clear());

async function done(command: Command): Promise<Command & { code: number | null }> {
  const code = await command.exited;
  return Object.assign(command, { code });
}

const server = () => ({ url: `nats://127.0.0.1:${place.port}`, authDir: `${place.data}/auth` });

async function inLog(of: string): Promise<number> {
  const viewer = await connectAs('viewer', server());
  const { layout } = viewer;
  let count = 0;
  for await (const _ of readStored(viewer, {
    stream: layout.streamOf(of),
    subject: layout.runOfAnybody(of),
    fromSeq: 1,
  }))
    count += 1;
  await viewer.nc.close();
  return count;
}

describe('a run that has left the log', () => {
  it('is shown, listed, audited and named as before', async () => {
    const shown = await done(place.troupe('show', run));
    expect([shown.code, shown.err]).toEqual([0, expect.stringContaining('23 durable messages')]);
    expect((await done(place.troupe('show', run.slice(0, 13)))).out).toBe(shown.out);
    expect((await done(place.troupe('show', ID))).out).toBe(shown.out);
    const result = await done(place.troupe('result', run));
    expect([result.code, result.out]).toEqual([0, expect.stringContaining('## Sources')]);
    expect((await done(place.troupe('runs'))).out).toContain(`${run}  `);
    expect((await done(place.troupe('audit', run))).out).toContain('nothing is wrong');
    expect((await done(place.troupe('audit', '--all'))).out).toContain(run);
    expect((await done(place.troupe('watch', run))).code).toBe(0);
  }, 60_000);

  it('is not begun again by its goal, which gets the same result', async () => {
    const again = await done(place.troupe('run', 'What is a durable log?', '--id', ID));
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('## Sources')]);
    expect(await inLog(run)).toBe(0);
  }, 60_000);

  it('has ended for the API, which gives its result and cancels nothing', async () => {
    const viewer = await connectAs('viewer', server());
    const ask = async (name: string): Promise<unknown> =>
      (await viewer.nc.request(subjects.api('default', name), run, { timeout: 5_000 })).json();
    expect(await ask('result')).toMatchObject({ runId: run, status: 'completed' });
    expect(await ask('cancel')).toEqual({ error: expect.stringContaining('has ended already: completed') });
    await viewer.nc.close();
  });

  it('is read in a moment, however it is asked for', async () => {
    const viewer = await connectAs('viewer', server());
    const reader = new RunReader(viewer);
    expect(await reader.log(run)).toHaveLength(23);
    expect(await reader.end(run)).toMatchObject({ kind: 'readable' });
    expect(await reader.goal(run)).toMatchObject({ run, goal: { id: ID } });
    expect(await reader.isInLog(run)).toBe(false);
    await viewer.nc.close();
  });

  it('is proved by its chain, and can no longer be discarded', async () => {
    const verified = await done(place.troupe('archive', 'verify', ID));
    expect([verified.code, verified.out]).toEqual([
      0,
      expect.stringMatching(/completed {2}23 messages in 1 part\n {2}SHA-256 chain [0-9a-f]{64}/),
    ]);
    const refused = await done(place.troupe('archive', 'discard', ID, '--yes'));
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('is in the archive alone')]);
  }, 60_000);
});

describe('troupe make-room', () => {
  it('says how full the streams are', async () => {
    const full = await done(place.troupe('make-room'));
    expect([full.code, full.out]).toEqual([0, expect.stringMatching(/ARCHIVE +1 message +0\.0 MiB +0 % of 3072 MiB/)]);
  }, 30_000);

  it('erases old runs when it is told so, and keeps the others', async () => {
    expect((await done(place.troupe('make-room', '--older-than', '1d', '--yes'))).out).toBe('0 archived runs erased\n');
    const unsaid = await done(place.troupe('make-room', '--older-than', '1s'));
    expect([unsaid.code, unsaid.err]).toEqual([2, expect.stringContaining('1 archived run would be erased')]);
    expect((await done(place.troupe('make-room', '--older-than', '1s', '--yes'))).out).toBe('1 archived run erased\n');
    expect((await done(place.troupe('show', run))).err).toContain(`There is no run ${run}`);
  }, 60_000);
});
