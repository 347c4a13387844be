import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Command, DOCS, Place } from './command.fixture.ts';

let place: Place;
beforeAll(async () => {
  place = await Place.make();
  const env = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_SCRIPTED_LATENCY_MS: '8000', TROUPE_DRAIN_MS: '100' };
  await place.start(['--no-example', '--docs', DOCS], env).said(/Troupe is up/);
});
afterAll(() => place.clear());

async function done(command: Command): Promise<Command & { code: number | null }> {
  const code = await command.exited;
  return Object.assign(command, { code });
}

const begin = async (): Promise<string> =>
  (await done(place.troupe('run', 'What is a durable log?', '--no-wait'))).out.trim();

describe('troupe erase', () => {
  it('explains itself, and wants to know what', async () => {
    expect((await done(place.troupe('erase', '--help'))).out).toMatch(/cannot be undone/);
    const unsaid = await done(place.troupe('erase'));
    expect([unsaid.code, unsaid.err]).toEqual([2, expect.stringContaining('--tenant <name>, or --run <id>')]);
  });

  it('leaves a run alone that is under way, and one that was cancelled until its workers are done', async () => {
    const run = await begin();
    const early = await done(place.troupe('erase', '--run', run, '--yes'));
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('1 run is not over')]);
    // Its researchers have asked their models by now: what comes back is still written.
    await place.troupe('watch', run).said(/supervisor.*researcher/);
    await done(place.troupe('cancel', run));
    const cancelled = await done(place.troupe('erase', '--run', run, '--yes'));
    expect([cancelled.code, cancelled.err]).toEqual([1, expect.stringContaining('1 run is not over')]);
    await expect
      .poll(async () => (await done(place.troupe('erase', '--run', run))).err, { timeout: 40_000, interval: 500 })
      .toContain('Say so with --yes');
    const erased = await done(place.troupe('erase', '--run', run, '--yes'));
    expect([erased.code, erased.out]).toEqual([0, expect.stringMatching(/^\d+ messages of the run .+ erased\n/)]);
    expect((await done(place.troupe('show', run))).code).not.toBe(0);
    // Once more, as after a cut: nothing is left to do.
    const again = await done(place.troupe('erase', '--run', run, '--tenant', 'default', '--yes'));
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('0 messages')]);
  }, 120_000);
});
