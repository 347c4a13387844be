import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

const PROGRAM = fileURLToPath(new URL('full-corpus.fixture.ts', import.meta.url));
/** Stated in the README: what a process that holds and searches the largest corpus may take. */
const RSS_MIB_MAX = 1_024;
const TIME_MAX_MS = 180_000;
const FILES = 32;
const FILE_BYTES = 2 * 1024 * 1024;

const Report = z.object({
  read: z.array(z.string()),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  found: z.array(z.string()),
  rssMibMax: z.number(),
});

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-'));
  await writeFile(join(folder, 'a-first.md'), 'The ferries are honest.');
  await writeFile(join(folder, 'z-last.md'), 'Ferries, once more.');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** 64 MB in files that are each within their own bound. `part` gives some text that is different for each number. */
async function fill(part: (number: number) => string): Promise<void> {
  let number = 0;
  for (let file = 0; file < FILES; file += 1) {
    const parts: string[] = [];
    for (let bytes = 0; bytes < FILE_BYTES - 64; number += 1) bytes += parts[parts.push(part(number)) - 1]?.length ?? 0;
    await writeFile(join(folder, `filler-${file}.txt`), parts.join(''));
  }
}

/** A real process with the heap that Node gives it. */
async function loaded() {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, folder, 'ferries'], { env });
  return Report.parse(JSON.parse(stdout));
}

describe('a folder of 64 MB that was made to exhaust memory', { timeout: TIME_MAX_MS }, () => {
  test('given nothing but different words, then memory is bounded, and the other documents are found', async () => {
    await fill((number) => `${((number * 2_654_435_761) % 2 ** 32).toString(36).padStart(7, '0')} `);
    const { found, read, skipped, rssMibMax } = await loaded();
    expect(found.toSorted()).toEqual(['a-first.md', 'z-last.md']);
    expect(rssMibMax).toBeLessThan(RSS_MIB_MAX);
    expect(read.length + skipped.length).toBe(FILES + 2);
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(
      new Set(['has more new words than the index still holds']),
    );
  });

  test('given nothing but line ends, then memory is bounded, and the other documents are found', async () => {
    await fill(() => '\n');
    const { found, skipped, rssMibMax } = await loaded();
    expect(found.toSorted()).toEqual(['a-first.md', 'z-last.md']);
    expect(rssMibMax).toBeLessThan(RSS_MIB_MAX);
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(new Set(['has more lines than memory still holds']));
  });
});
