import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RoleChild } from './role-child.ts';

const MAIN = join(import.meta.dirname, 'child', 'obedient.fixture.ts');
const WAIT_MS_MAX = 15_000;

let folder: string;
let child: RoleChild;
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-child-'));
  told = [];
});

afterEach(async () => {
  await child.stop(1_000);
  rmSync(folder, { recursive: true, force: true });
});

function start(hungMs: number, env: Record<string, string> = {}): void {
  child = new RoleChild({
    name: 'tester',
    main: MAIN,
    flags: [],
    env,
    logFile: join(folder, 'tester.log'),
    hungMs,
    onHung: (line) => told.push(line),
  });
  child.start();
}

async function until<T>(read: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const deadline = Date.now() + WAIT_MS_MAX; ;) {
    const found = await read();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`it did not happen within ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const ask = async (path: string): Promise<unknown> =>
  await fetch(`http://127.0.0.1:${await until(() => child.port)}${path}`, { signal: AbortSignal.timeout(5_000) });

describe('a role process whose port was left to chance', () => {
  it('says where it listens, and is ready when it says so and not before', async () => {
    start(0);
    expect(await child.isReady()).toBe(false);
    await until(() => child.port);
    expect(await child.isReady()).toBe(false);
    await ask('/become-ready');
    expect(await child.isReady()).toBe(true);
  });

  it('is not ready while it is being started again, although the one before was', async () => {
    start(0);
    await ask('/become-ready');
    const { pid } = child;
    child.crash();
    await until(() => child.pid !== pid);
    expect(await child.isReady()).toBe(false);
  });
});

describe('a role process that is replaced', () => {
  it('ends, and the next one has the other options; so has the one after a crash', async () => {
    start(0, { FIXTURE_MUTE: '1' });
    const muted = await until(() => child.pid);
    await child.replace({ ...child.options, env: {} }, 5_000);
    expect(() => process.kill(muted, 0)).toThrow(/ESRCH/);
    // Only one that is not mute says where it listens.
    await ask('/become-ready');
    const { pid } = child;
    child.crash();
    await until(() => child.pid !== pid);
    await ask('/become-ready');
    expect(child.restarts).toBe(2);
  });
});

describe('a role process that hangs', () => {
  it('is killed and started again, and the log and the launcher say so', async () => {
    start(3_000);
    const hung = await until(() => child.pid);
    await ask('/healthz');
    ask('/hang').catch(() => undefined);
    await until(() => child.restarts === 1 && child.pid !== hung);
    await ask('/healthz');
    const sentence = `The role tester (process ${hung}) has not answered for 3 s: it is killed and started again.`;
    expect(told).toEqual([sentence]);
    const line: unknown = JSON.parse(readFileSync(join(folder, 'tester.log'), 'utf8').trim());
    expect(line).toMatchObject({ level: 50, role: 'tester', pid: hung, msg: sentence });
  });

  it('is also noticed when it hung before it could say where it listens', async () => {
    start(600, { FIXTURE_MUTE: '1' });
    await until(() => child.restarts >= 1);
    expect(told.length).toBeGreaterThanOrEqual(1);
  });

  it('is left alone when it was only stopped for less than that', async () => {
    start(6_000);
    await ask('/healthz');
    const pid = await until(() => child.pid);
    process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    process.kill(pid, 'SIGCONT');
    await ask('/healthz');
    expect({ pid: child.pid, restarts: child.restarts, told }).toEqual({ pid, restarts: 0, told: [] });
  });
});
