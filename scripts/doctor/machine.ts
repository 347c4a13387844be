import { randomUUID } from 'node:crypto';
import { statfsSync, statSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { duration } from '../cli/one-line.ts';
import { explainDataFolder } from '../start/data-folder.ts';
import { checked, type Finding } from './finding.ts';

const NODE_MAJOR_MIN = 24;
const GB = 1024 ** 3;
/** A log that cannot grow for long: a start with less than a sixteenth of it is refused. */
const FREE_BYTES_MIN = GB;
/** Writes that are measured, and their size: about a message of a run. */
const WRITES = 64;
const WRITE_BYTES = 4_096;
/** Slower disks make runs slow: each of a run's messages waits for one write. */
const SLOW_MS = 20;
/** Longer than that nothing is measured. */
const MEASURE_MS_MAX = 5_000;

/** The Node that runs Troupe. */
export function checkNode(version: string = process.versions.node): Finding {
  const isNew = Number(version.split('.')[0]) >= NODE_MAJOR_MIN;
  const found = { check: 'node', says: `Node ${version}`, facts: { version } };
  if (isNew) return { ...found, verdict: 'ok' };
  return { ...found, verdict: 'failed', change: `Troupe needs Node ${NODE_MAJOR_MIN}: npm install brings it.` };
}

/** The disk of the data folder: room, whether it can be written, and how long a write takes until it has reached it. */
export function checkDisk(dataDir: string): Promise<Finding> {
  const change = `Check who owns ${dataDir}, and the disk that it is on.`;
  return checked('disk', change, async () => {
    if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() !== true)
      return { check: 'disk', verdict: 'note', says: `There is no data folder ${dataDir} yet; npm start makes it` };
    const { bavail, bsize } = statfsSync(dataDir);
    return diskFinding(dataDir, bavail * bsize, await syncedWrites(dataDir));
  });
}

/** `writesMs`: how long each write took, at least one. */
export function diskFinding(dataDir: string, freeBytes: number, writesMs: readonly number[]): Finding {
  const sorted = writesMs.toSorted((one, other) => one - other);
  const [syncMs = 0, syncMsMax = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const says = `${(freeBytes / GB).toFixed(1)} GB are free in ${dataDir}; a write reaches the disk in ${precisely(syncMs)} (median of ${sorted.length}, the slowest ${precisely(syncMsMax)})`;
  const found = { check: 'disk', says, facts: { freeBytes, writes: sorted.length, syncMs, syncMsMax } };
  if (freeBytes < FREE_BYTES_MIN)
    return {
      ...found,
      verdict: 'failed',
      change: 'Make room, or start with another folder: npm start -- --data <folder>',
    };
  if (syncMs <= SLOW_MS) return { ...found, verdict: 'ok' };
  return {
    ...found,
    verdict: 'note',
    change:
      'The disk is slow, and so is each step of a run: use a faster one, or npm start -- --sync 2m, which a power failure may cost two minutes.',
  };
}

const precisely = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms));

/** Writes to a file of its own, which is gone afterwards. */
async function syncedWrites(folder: string): Promise<number[]> {
  const file = join(folder, `doctor-${randomUUID()}.tmp`);
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      return await measured(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw explainDataFolder(folder, error);
  } finally {
    await rm(file, { force: true });
  }
}

async function measured(handle: FileHandle): Promise<number[]> {
  const bytes = Buffer.alloc(WRITE_BYTES, 'x');
  const writesMs: number[] = [];
  const endsAt = performance.now() + MEASURE_MS_MAX;
  do {
    const startedAt = performance.now();
    await handle.write(bytes);
    await handle.sync();
    writesMs.push(performance.now() - startedAt);
  } while (writesMs.length < WRITES && performance.now() < endsAt);
  return writesMs;
}
