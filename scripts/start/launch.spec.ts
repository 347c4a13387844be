import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runIdOf } from '@troupe/actor';
import { encode, Goal, INTAKE, LOG, RUN_TASK, SCHEMA_VERSION, subjects } from '@troupe/contract';
import { connectAs, ensureTopology, startEmbeddedServer } from '@troupe/nats';
import getPort from 'get-port';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installedRoles } from '../roles.ts';
import { launch } from './launch.ts';
import type { StartOptions } from './options.ts';

const STUCK_ID = 'stuck-1';
const STUCK = runIdOf({ tenant: 'default', id: STUCK_ID, seq: 0, at: 0 });
const GOAL = { goal: 'What is a durable log?', options: { deadline_ms: 30_000 } };
const OVERDUE_MS = 500;
const SPEC_MS_MAX = 60_000;

let folder: string;
let said: string[];
let printed: string[];
let options: StartOptions;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-launch-'));
  [said, printed] = [[], []];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stdout, 'write').mockImplementation((text, ...rest: unknown[]) => {
    printed.push(String(text));
    for (const done of rest) if (typeof done === 'function') done();
    return true;
  });
  vi.stubEnv('TROUPE_METRICS_PORT', '0');
  const docs = join(folder, 'docs');
  mkdirSync(docs);
  writeFileSync(join(docs, 'log.md'), '# The log\n\nThe durable log keeps every message.\n');
  options = {
    goal: GOAL,
    example: false,
    docs,
    dataDir: join(folder, 'data'),
    port: await getPort(),
    sync: '2m',
    replicas: 1,
    shards: undefined,
    tenants: undefined,
    provider: 'scripted',
    model: undefined,
    keepRunning: false,
    quiet: false,
  };
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** What the intake writes of the goal: the run has begun. */
const started = (goal: Goal) => ({
  type: 'run.started',
  body: { goal },
  id: `${INTAKE}.${RUN_TASK}.0`,
  run: STUCK,
  task: RUN_TASK,
  v: SCHEMA_VERSION,
  decider: 'v1',
  at: Date.now(),
  cause: 'goal.1',
  tenant: 'default',
  budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
  integrity: 'user',
});

/** A data folder in which a run was begun whose history nobody can read: it never ends, whatever happens. */
async function leaveAStuckRun(): Promise<void> {
  const roles = (await installedRoles()).map(({ declaration }) => declaration);
  const { dataDir, port = 0, sync } = options;
  mkdirSync(dataDir);
  const server = await startEmbeddedServer({ dataDir, port, sync }, roles);
  const admin = await connectAs('admin', server);
  await ensureTopology(admin, roles, { replicas: 1 });
  const goal = { id: STUCK_ID, goal: GOAL.goal, options: { deadline_ms: 1_000 } };
  const place = { tenant: 'default', run: STUCK, task: RUN_TASK, ordinal: 0 };
  const store = (subject: string, bytes: Uint8Array | string) => admin.nc.request(subject, bytes, { timeout: 5_000 });
  await store(subjects.goals('default'), JSON.stringify(goal));
  await store(admin.layout.message({ ...place, from: INTAKE, to: 'supervisor' }), encode(started(Goal.parse(goal))));
  await store(admin.layout.message({ ...place, from: 'supervisor', to: LOG }), 'not a message');
  await admin.nc.close();
  await server.stop();
}

describe('npm start on the data folder of a run that never ends', () => {
  it(
    'waits for it until after its deadline, then runs the goal anew and prints its report',
    async () => {
      await leaveAStuckRun();
      options.goal = { ...GOAL, options: { deadline_ms: 1_000 } };
      vi.stubEnv('TROUPE_SCRIPTED_LATENCY_MS', '0');
      expect(await launch(options, folder, OVERDUE_MS)).toBe(0);
      expect(said.join('')).toContain(`Goes on    ${STUCK}`);
      expect(said.join('')).toContain('That run has not ended by its deadline; Troupe goes on without it.');
      expect(printed.join('')).toMatch(/^# Scripted report/);
    },
    SPEC_MS_MAX,
  );

  it(
    'stays up without a goal, until somebody stops it',
    async () => {
      await leaveAStuckRun();
      const code = launch({ ...options, goal: undefined, keepRunning: true }, folder, OVERDUE_MS);
      await vi.waitFor(() => expect(said.join('')).toContain('Troupe is up.'), { timeout: SPEC_MS_MAX, interval: 25 });
      expect(said.join('')).toContain('Troupe goes on without it.');
      process.emit('SIGINT');
      expect(await code).toBe(130);
    },
    SPEC_MS_MAX,
  );
});
