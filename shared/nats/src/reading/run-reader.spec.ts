import { runIdOf } from '@troupe/actor';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headers } from '@nats-io/transport-node';
import { declareRole } from '@troupe/actor';
import { encode, encodeJson, Goal, INTAKE, type RunId, subjects, USER } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectAs } from '../bus/connect.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../broker/embedded-server.ts';
import { ensureTopology } from '../broker/ensure-topology.ts';
import type { LogEntry } from './log-entry.ts';
import { BEGINNING, behind } from './position.ts';
import { RunReader } from './run-reader.ts';
import { ALONE_MAX } from './shard-follower.ts';

/** More than one batch of direct gets. */
const MANY = 1_100;
const RUNS: RunId[] = ['019a1b2c-0000-7000-8000-000000000001', '019a1b2c-0000-7000-8000-000000000002'];
const [RUN = '', OTHER = ''] = RUNS;
const TENANT = 'default';
const SHARDS = 3;
const NOTHING = { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 };

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
let supervisor: Bus;
let viewer: Bus;
let reader: RunReader;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-reader-'));
  server = await startEmbeddedServer({ dataDir: folder, port: await freePort(), sync: '2m', shards: SHARDS }, [role]);
  admin = await connectAs('admin', server);
  await ensureTopology(admin, [role], { replicas: 1 });
  supervisor = await connectAs('supervisor', server);
  viewer = await connectAs('viewer', server);
  reader = new RunReader(viewer);
});

afterAll(async () => {
  await viewer.nc.close();
  await supervisor.nc.close();
  await admin.nc.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Publishes a note of a run; `expectedSeq` that is wrong makes the stream refuse it. */
async function note(run: RunId, ordinal: number, expectedSeq?: number): Promise<void> {
  const address = { tenant: TENANT, run, task: 'run', from: 'supervisor', to: 'log', ordinal };
  const message = {
    id: `supervisor.run.${ordinal}`,
    run,
    task: 'run',
    v: 1,
    decider: 'v1',
    at: 1,
    cause: 'goal.1',
    tenant: TENANT,
    integrity: 'agent',
    budget: NOTHING,
    type: 'noted',
    body: { what: `note ${ordinal}` },
  };
  const expectation = headers();
  if (expectedSeq !== undefined) expectation.set('Nats-Expected-Last-Subject-Sequence', String(expectedSeq));
  await supervisor.nc.request(supervisor.layout.message(address), encode(message), {
    headers: expectation,
    timeout: 5_000,
  });
}

const idOf = ({ read }: LogEntry): string => (read.ok ? read.message.id : read.id);

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > deadline) throw new Error('it did not happen within 10 s');
  }
}

describe('reading a run', () => {
  it('gives its whole log in order and nothing of other runs, over several batches', async () => {
    for (let ordinal = 0; ordinal < MANY; ordinal += 100) {
      await Promise.all(
        Array.from({ length: Math.min(100, MANY - ordinal) }, (_, index) => note(RUN, ordinal + index)),
      );
    }
    await note(OTHER, 0);
    const log = await reader.log(RUN);
    expect(log).toHaveLength(MANY);
    expect(new Set(log.map(idOf)).size).toBe(MANY);
    expect(log.map(({ seq }) => seq)).toEqual(log.map(({ seq }) => seq).toSorted((a, b) => a - b));
    expect(await reader.log(OTHER)).toHaveLength(1);
    expect(await reader.log('019a1b2c-0000-7000-8000-00000000000f')).toEqual([]);
  });

  it.each([
    ['a usual run', OTHER, 3],
    ['a run of more messages than the server gathers at once', RUN, MANY],
  ])('gives what is stored of %s from a sequence on', async (_what, run, count) => {
    for (let ordinal = (await reader.log(run)).length; ordinal < count; ordinal += 1) await note(run, ordinal);
    const [, second] = await reader.log(run);
    const seqs: number[] = [];
    for await (const { seq } of reader.stored(run, second?.seq)) seqs.push(seq);
    expect(seqs).toHaveLength(count - 1);
    expect(seqs[0]).toBe(second?.seq);
  });

  it('shows a message that does not fit the contract as unreadable', async () => {
    const run: RunId = '019a1b2c-0000-7000-8000-000000000003';
    const address = { tenant: TENANT, run, task: 'run', from: 'supervisor', to: 'log', ordinal: 0 };
    await admin.nc.request(admin.layout.message(address), encode({ type: 'from the future' }));
    expect(await reader.log(run)).toMatchObject([{ read: { ok: false, id: 'supervisor.run.0' } }]);
  });
});

describe('the end of a run', () => {
  const store = async (run: RunId, to: string, bytes: Uint8Array): Promise<void> => {
    const address = { tenant: TENANT, run, task: 'run', from: 'supervisor', to, ordinal: 0 };
    await admin.nc.request(admin.layout.message(address), bytes);
  };

  it('is not there while it goes on', async () => {
    const run: RunId = '019a1b2c-0000-7000-8000-000000000006';
    await store(run, 'log', encode({ type: 'from the future' }));
    expect(await reader.end(run)).toBeUndefined();
  });

  it.each<[string, RunId, Uint8Array]>([
    ['does not fit its schema', '019a1b2c-0000-7000-8000-000000000007', encodeJson({ type: 'run.ended', body: {} })],
    ['is no message at all', '019a1b2c-0000-7000-8000-000000000008', Buffer.from([0xd6, 0x70, 0, 0, 0, 1])],
    ['has a reason of any length', '019a1b2c-0000-7000-8000-000000000009', encodeJson({ ['x'.repeat(20_000)]: 1 })],
  ])('is an end also when the result %s', async (_what, run, bytes) => {
    await store(run, USER, bytes);
    const end = await reader.end(run);
    expect(end).toMatchObject({ kind: 'unreadable', run, endedAt: expect.closeTo(Date.now(), -4) });
    expect(end?.kind === 'unreadable' ? end.reason : '').toMatch(
      /^The run has ended, but its result cannot be read: .{1,1000}$/s,
    );
  });
});

describe('following a run', () => {
  it('gives what is stored, each message once, and never one that the stream refused', async () => {
    const run: RunId = '019a1b2c-0000-7000-8000-000000000004';
    const seen: LogEntry[] = [];
    let live = 0;
    viewer.nc.subscribe(viewer.layout.runOfAnybody(run), { callback: () => void (live += 1) });
    await viewer.nc.flush();
    await note(run, 0);
    const following = reader.follow(run, BEGINNING, (entry) => seen.push(entry));
    await note(run, 1, 999_999);
    await note(run, 2);
    await until(() => seen.length >= 2 && live >= 3);
    await following.stop();
    expect(seen.map(idOf)).toEqual(['supervisor.run.0', 'supervisor.run.2']);
  });

  it('gives nothing more once it is stopped', async () => {
    const run: RunId = '019a1b2c-0000-7000-8000-000000000005';
    const seen: LogEntry[] = [];
    const following = reader.follow(run, BEGINNING, (entry) => seen.push(entry));
    await following.stop();
    await note(run, 0);
    expect(await reader.log(run)).toHaveLength(1);
    expect(seen).toEqual([]);
  });
});

describe('many who follow runs in one process', () => {
  const WATCHERS = 2 * SHARDS * ALONE_MAX;

  it('each go on from a position of their own, and share one reading of each shard', async () => {
    const runs: RunId[] = Array.from({ length: WATCHERS }, (_, index) => `019a1b2c-0000-7000-8000-${1e11 + index}`);
    await Promise.all(runs.map((run) => note(run, 0)));
    await Promise.all(runs.map((run) => note(run, 1)));
    const seen = new Map<RunId, string[]>();
    const followings = await Promise.all(
      runs.map(async (run) => {
        const ids: string[] = [];
        seen.set(run, ids);
        const [{ seq } = { seq: 0 }] = await reader.log(run);
        const after = behind({ shard: viewer.layout.shardOf(run), seq });
        return reader.follow(run, after, (entry) => void ids.push(idOf(entry)));
      }),
    );
    await until(() => runs.every((run) => seen.get(run)?.length === 1));
    let gets = 0;
    const counting = admin.nc.subscribe('$JS.API.DIRECT.GET.>', { callback: () => void (gets += 1) });
    await admin.nc.flush();
    await Promise.all(runs.map((run) => note(run, 2)));
    await until(() => runs.every((run) => seen.get(run)?.length === 2));
    expect([...seen.values()]).toEqual(runs.map(() => ['supervisor.run.1', 'supervisor.run.2']));
    expect(gets).toBeLessThan(WATCHERS);
    counting.unsubscribe();
    await Promise.all(followings.map((following) => following.stop()));
  });
});

describe('following all runs', () => {
  const run = (last: number): RunId => `019a1b2c-0000-7000-8000-0000000000${last}`;

  it('gives what is stored behind the position, of every shard, those of one in order', async () => {
    const runs = [run(10), run(11), run(12)];
    expect(new Set(runs.map((each) => viewer.layout.shardOf(each))).size).toBe(SHARDS);
    for (const each of runs) await note(each, 0);
    const position = await reader.position();
    expect([...position.keys()]).toEqual(['RUNS_0', 'RUNS_1', 'RUNS_2']);
    const seen: LogEntry[] = [];
    const following = reader.follow('all', position, (entry) => seen.push(entry));
    for (const ordinal of [1, 2]) await Promise.all(runs.map((each) => note(each, ordinal)));
    await until(() => seen.length >= 2 * SHARDS);
    await following.stop();
    const idsOf = (each: RunId) => seen.filter((entry) => entry.run === each).map(idOf);
    expect(runs.map(idsOf)).toEqual(runs.map(() => ['supervisor.run.1', 'supervisor.run.2']));
    expect(seen).toHaveLength(2 * SHARDS);
  });

  it('gives everything from the beginning, as the audit reads it', async () => {
    const stored: string[] = [];
    for await (const { subject } of reader.stored('all')) stored.push(subject);
    let seen = 0;
    const following = reader.follow('all', BEGINNING, () => void (seen += 1));
    await until(() => seen >= stored.length);
    await following.stop();
    expect(seen).toBe(stored.length);
    expect(new Set(stored.map((subject) => subject.split('.')[2])).size).toBe(SHARDS);
  });
});

describe('reading goals', () => {
  const GOAL = Goal.parse({ goal: 'g' });
  const runAt = (index: number): RunId => `019a1b2c-0000-7000-8000-${index.toString().padStart(12, '0')}`;

  /** Publishes what the intake writes of a run, each at a time of its own: times tell the order of different shards. */
  async function ask(run: RunId, ordinal: number, content: object): Promise<void> {
    const now = Date.now();
    await until(() => Date.now() > now + 1);
    const address = { tenant: TENANT, run, task: 'run', from: INTAKE, to: 'supervisor', ordinal };
    const place = { id: `intake.run.${ordinal}`, run, task: 'run', tenant: TENANT, cause: `goal.${run.slice(-2)}` };
    const rest = { v: 1, decider: 'v1', at: 1, integrity: 'user', budget: NOTHING };
    await admin.nc.request(admin.layout.message(address), encode({ ...place, ...rest, ...content }));
  }

  it('gives the newest runs of all shards in order, also the rejected, and leaves out cancel requests', async () => {
    await ask(runAt(60), 0, { type: 'run.started', body: { goal: { ...GOAL, goal: 'too old' } } });
    for (const index of [61, 62, 63])
      await ask(runAt(index), 0, { type: 'run.started', body: { goal: { ...GOAL, goal: `g ${index}` } } });
    await ask(runAt(61), 1, { type: 'cancel.requested', body: {} });
    await ask(runAt(64), 0, { type: 'run.rejected', body: { reason: 'a typing error', excerpt: '{"gaol":' } });
    const goals = await reader.goals(4);
    expect(goals).toMatchObject([
      ...[61, 62, 63].map((index) => ({ type: 'goal.accepted', run: runAt(index), goal: { goal: `g ${index}` } })),
      { type: 'goal.rejected', run: runAt(64), id: 'goal.64', tenant: TENANT, reason: 'a typing error' },
    ]);
    expect(new Set(goals.map(({ run }) => viewer.layout.shardOf(run))).size).toBe(SHARDS);
    const [, , , last] = goals;
    expect((await reader.goals(4, last?.at)).map(({ run }) => run)).toEqual([runAt(64)]);
  });

  it('leaves out what cannot be read', async () => {
    const before = await reader.goals(100);
    await ask(runAt(65), 0, { type: 'run.started', body: {} });
    expect(await reader.goals(100)).toEqual(before);
  });

  it('tells a goal that nobody has taken in yet, and once it is taken in it is there once', async () => {
    const before = await reader.goals(100);
    await admin.nc.request(subjects.goals(TENANT), encodeJson({ goal: 'waits', id: 'waits' }));
    const run = runIdOf({ tenant: TENANT, id: 'waits', seq: 0, at: 0 });
    const waiting = await reader.goals(100);
    expect(waiting).toHaveLength(before.length + 1);
    expect(waiting.at(-1)).toMatchObject({ type: 'goal.accepted', run, goal: { goal: 'waits' } });
    await ask(run, 0, { type: 'run.started', body: { goal: { ...GOAL, goal: 'waits' } } });
    expect((await reader.goals(100)).filter((goal) => goal.run === run)).toHaveLength(1);
  });
});
