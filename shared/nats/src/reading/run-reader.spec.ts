import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headers } from '@nats-io/transport-node';
import { declareRole } from '@troupe/actor';
import { encode, encodeJson, type RunId, subjects, USER } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectAs } from '../bus/connect.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../broker/embedded-server.ts';
import { ensureTopology } from '../broker/ensure-topology.ts';
import type { LogEntry } from './log-entry.ts';
import { RunReader } from './run-reader.ts';

/** More than one batch of direct gets. */
const MANY = 1_100;
const RUNS: RunId[] = ['019a1b2c-0000-7000-8000-000000000001', '019a1b2c-0000-7000-8000-000000000002'];
const [RUN = '', OTHER = ''] = RUNS;

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
  server = await startEmbeddedServer({ dataDir: folder, port: await freePort(), sync: '2m' }, [role]);
  admin = await connectAs('admin', server);
  await ensureTopology(admin, [role], { runs_days: 1, replicas: 1 });
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
  const address = { run, task: 'run', from: 'supervisor', to: 'log', ordinal };
  const message = {
    id: `supervisor.run.${ordinal}`,
    run,
    task: 'run',
    v: 1,
    decider: 'v1',
    at: 1,
    cause: 'goal.1',
    tenant: 'default',
    integrity: 'agent',
    budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
    type: 'noted',
    body: { what: `note ${ordinal}` },
  };
  const expectation = headers();
  if (expectedSeq !== undefined) expectation.set('Nats-Expected-Last-Subject-Sequence', String(expectedSeq));
  await supervisor.nc.request(subjects.message(address), encode(message), { headers: expectation, timeout: 5_000 });
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

  it('shows a message that does not fit the contract as unreadable', async () => {
    const run: RunId = '019a1b2c-0000-7000-8000-000000000003';
    const address = { run, task: 'run', from: 'supervisor', to: 'log', ordinal: 0 };
    await admin.nc.request(subjects.message(address), encode({ type: 'from the future' }));
    expect(await reader.log(run)).toMatchObject([{ read: { ok: false, id: 'supervisor.run.0' } }]);
  });
});

describe('the end of a run', () => {
  const store = async (run: RunId, to: string, bytes: Uint8Array): Promise<void> => {
    await admin.nc.request(subjects.message({ run, task: 'run', from: 'supervisor', to, ordinal: 0 }), bytes);
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
    viewer.nc.subscribe(subjects.run(run), { callback: () => void (live += 1) });
    await viewer.nc.flush();
    await note(run, 0);
    const following = reader.follow(run, 1, (entry) => seen.push(entry));
    await note(run, 1, 999_999);
    await note(run, 2);
    await until(() => seen.length >= 2 && live >= 3);
    await following.stop();
    expect(seen.map(idOf)).toEqual(['supervisor.run.0', 'supervisor.run.2']);
  });

  it('gives nothing more once it is stopped', async () => {
    const run: RunId = '019a1b2c-0000-7000-8000-000000000005';
    const seen: LogEntry[] = [];
    const following = reader.follow(run, 1, (entry) => seen.push(entry));
    await following.stop();
    await note(run, 0);
    expect(await reader.log(run)).toHaveLength(1);
    expect(seen).toEqual([]);
  });
});

describe('reading goals', () => {
  it('gives the newest, also those that are refused later, and leaves out cancel requests', async () => {
    const publish = (subject: string, body: object) => admin.nc.request(subject, encodeJson(body));
    await publish(subjects.goals('default'), { goal: 'too old' });
    await publish(subjects.goals('default'), { goal: 'first' });
    await publish(subjects.cancel('default', RUN), {});
    await publish(subjects.goals('default'), { gaol: 'typing error' });
    const goals = await reader.goals(3);
    expect(goals.map(({ type }) => type)).toEqual(['goal.accepted', 'goal.rejected']);
  });
});
