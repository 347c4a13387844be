import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declareRole } from '@troupe/actor';
import { encode } from '@troupe/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DELAYS_SUBJECT } from '../broker/access.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../broker/embedded-server.ts';
import { type Bus, connectAs } from '../bus/connect.ts';
import { Unreadable } from '../bus/unreadable.ts';
import { DelayReporter, DelayReports } from './delay-reports.ts';

const leader = declareRole({
  name: 'leader',
  kind: 'agent',
  description: 'Takes goals.',
  scope: 'run',
  consumes: {},
  emits: { 'task.assigned': ['digger', 'judge'] },
  takesGoals: true,
  servesApi: true,
});
const digger = declareRole({
  name: 'digger',
  kind: 'worker',
  description: 'Digs.',
  scope: 'task',
  consumes: { 'task.assigned': ['leader'] },
  emits: { noted: ['log'] },
});
const judge = declareRole({ ...digger, name: 'judge' });

let dataDir: string;
let server: EmbeddedServer;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-delays-'));
  server = await startEmbeddedServer({ dataDir, port: await freePort(), sync: '2m' }, [leader, digger, judge]);
});
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

let buses: Bus[] = [];
let unreadable: Unreadable;
let reports: DelayReports;
let [digging, judging] = [new Array<Bus>(), new Array<Bus>()];
beforeEach(async () => {
  buses = await Promise.all(['leader', 'digger', 'judge'].map((name) => connectAs(name, server)));
  const [leading, ...others] = buses;
  [digging, judging] = [others.slice(0, 1), others.slice(1)];
  unreadable = new Unreadable();
  if (leading !== undefined) reports = new DelayReports(leading, unreadable);
  await leading?.nc.flush();
});
afterEach(async () => {
  for (const { nc } of buses) await nc.close();
});

/** As many are heard at once. */
const PROCESSES = 64;
/** Messages come to a process, every other one of them late by so much. */
function busy(reporter: DelayReporter, lateMs: number): void {
  reporter.delivered(0);
  reporter.delivered(lateMs);
}
const told = () => reports.read().map(({ ms }) => ms);

describe('what roles tell of the delay of their messages', () => {
  it('comes to who takes goals, from each process, by its own account', async () => {
    const reporters = [...digging, ...judging].map((bus) => new DelayReporter(bus));
    const talk = () => {
      for (const [index, reporter] of reporters.entries()) busy(reporter, 40 * (index + 1));
      return told()
        .map((ms) => Math.round(ms / 10))
        .toSorted((a, b) => a - b);
    };
    await expect.poll(talk, { interval: 20 }).toEqual([2, 4]);
    expect(unreadable.count).toBe(0);
  });

  it('is forgotten when they say nothing more: whoever is not late is silent', async () => {
    const reporters = digging.map((bus) => new DelayReporter(bus));
    const talk = (lateMs: number) => () => {
      for (const reporter of reporters) busy(reporter, lateMs);
      return told().length;
    };
    await expect.poll(talk(40), { interval: 20 }).toBe(1);
    await expect.poll(talk(0), { interval: 20 }).toBe(0);
  });

  it('is heard from who is later though somebody makes up processes that are not', async () => {
    const talk = () => {
      for (const { nc } of digging)
        for (let index = 0; index < 2 * PROCESSES; index += 1)
          nc.publish(DELAYS_SUBJECT, encode({ id: index.toString(16).padStart(12, '0'), messages: 1, ms: 5 }));
      for (const { nc } of judging) nc.publish(DELAYS_SUBJECT, encode({ id: 'f'.repeat(12), messages: 1, ms: 400 }));
      return told().length === PROCESSES && told().includes(400);
    };
    await expect.poll(talk, { interval: 20 }).toBe(true);
  });

  it('is bounded if somebody makes up processes, and counted and ignored if it is garbage', async () => {
    const heard: number[] = [];
    const flood = () => {
      for (const { nc } of digging)
        for (let index = 0; index < 2_000; index += 1)
          nc.publish(DELAYS_SUBJECT, encode({ id: index.toString(16).padStart(12, '0'), messages: 1, ms: 1 }));
      heard.push(told().length);
      return Math.max(...heard);
    };
    await expect.poll(flood).toBe(PROCESSES);
    for (const { nc } of digging) {
      for (const garbage of ['', 'x', '{}']) nc.publish(DELAYS_SUBJECT, garbage);
      nc.publish(DELAYS_SUBJECT, encode({ id: 'x', messages: -1, ms: 1e9 }));
      nc.publish(DELAYS_SUBJECT, encode({ id: '0'.repeat(12), messages: 1, ms: 2_001 }));
    }
    await expect.poll(() => unreadable.count).toBe(5);
    expect(Math.max(...heard)).toBe(PROCESSES);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
