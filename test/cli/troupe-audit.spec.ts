import { encode, messageId, SCHEMA_VERSION } from '@troupe/contract';
import { connectAs } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCS, Place } from './command.fixture.ts';

let place: Place;
let run: string;

beforeAll(async () => {
  place = await Place.make();
  const env = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_DRAIN_MS: '100' };
  await place.start(['--no-example', '--docs', DOCS, '--shards', '2'], env).said(/Troupe is up/);
  const command = place.troupe('run', 'What is a durable log?', '--json', '--quiet');
  await command.exited;
  run = JSON.parse(command.out).runId;
});

afterAll(async () => {
  await place.clear();
});

/** Stores a message that the supervisor never wrote, as nobody but an operator can. In another shard nobody reads it. */
async function plant(isMisplaced = false): Promise<void> {
  const bus = await connectAs('supervisor', { url: `nats://127.0.0.1:${place.port}`, authDir: `${place.data}/auth` });
  const tenant = 'default';
  const address = { tenant, run, task: 'run', from: 'supervisor', to: 'log', ordinal: 99 };
  const message = {
    id: messageId('supervisor', 'run', 99),
    run,
    task: 'run',
    type: 'noted',
    body: { what: 'planted' },
  };
  const envelope = {
    v: SCHEMA_VERSION,
    decider: 'test',
    at: 1,
    cause: 'wish.1',
    tenant,
    integrity: 'agent',
  };
  const budget = { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 };
  const subject = bus.layout.message(address);
  const other = (bus.layout.shardOf(run) + 1) % bus.layout.shards;
  const where = isMisplaced ? subject.replace(/^troupe\.runs\.\d+/, `troupe.runs.${other}`) : subject;
  await bus.nc.request(where, encode({ ...message, ...envelope, budget }), { timeout: 5_000 });
  await bus.nc.close();
}

describe('troupe audit', () => {
  it('finds nothing wrong with a run as it was, and exits with 0', async () => {
    const command = place.troupe('audit', run);
    expect(await command.exited).toBe(0);
    expect(command.out).toMatch(/completed {2}\d+ messages, \d+ model answers, 0 effects: nothing is wrong\n$/);
    expect(command.err).toMatch(/1 run, nothing is wrong/);
  });

  it('explains itself, and wants one run or all', async () => {
    const help = place.troupe('audit', '--help');
    expect(await help.exited).toBe(0);
    expect(help.out).toMatch(/ordinals without gaps/);
    for (const words of [[], [run, '--all']]) {
      const command = place.troupe('audit', ...words);
      expect(await command.exited).toBe(2);
      expect(command.err).toMatch(/Name one run, or give --all/);
    }
  });

  it('finds what was planted in the log, names the rule, and exits with 1', async () => {
    await plant();
    const command = place.troupe('audit', '--all', '--json');
    expect(await command.exited).toBe(1);
    const { wrong, runs } = JSON.parse(command.out);
    expect(runs).toMatchObject([{ run, status: 'completed' }]);
    expect(runs[0].violations.map(({ rule }: { rule: string }) => rule)).toEqual(['ordinals', 'causes']);
    expect(wrong).toBe(2);
    const told = place.troupe('audit', run);
    expect(await told.exited).toBe(1);
    expect(told.out).toMatch(/2 faults\n {2}ordinals: message \d+ of supervisor has the ordinal 99\n {2}causes: /);
  });

  it('tells what is in another shard than its run, and audits the run all the same', async () => {
    await plant(true);
    const command = place.troupe('audit', '--all');
    expect(await command.exited).toBe(1);
    expect(command.out).toMatch(/^misplaced: troupe\.runs\.\d\.default\..+ is in another shard than its run$/m);
    expect(command.out).toContain(`${run}  completed`);
  });
});
