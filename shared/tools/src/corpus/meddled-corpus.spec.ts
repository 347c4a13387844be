import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Corpus } from './corpus.ts';
import { loadCorpus } from './load-corpus.ts';
import { whileMeddling } from './meddling.fixture.ts';

const TRIES_MIN = 200;
const TRIES_MAX = 20_000;
const TIME_MAX_MS = 60_000;

let folder = '';
let docs = '';
let outside = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meddled-'));
  docs = join(folder, 'docs');
  outside = join(folder, 'outside');
  await mkdir(join(docs, 'sub'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(docs, 'sub', 'own.md'), 'inside');
  await writeFile(join(docs, 'sub', 'other.md'), 'inside');
  await writeFile(join(outside, 'own.md'), 'SECRET');
  await writeFile(join(outside, 'secret.md'), 'SECRET');
  await writeFile(join(outside, 'secret.pdf'), 'SECRET');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Loads at least TRIES_MIN times, and until every one of `outcomes` was seen: otherwise nothing was tried. */
async function tries(outcomes: Record<string, (corpus: Corpus) => boolean>, check: (corpus: Corpus) => void) {
  const unseen = new Set(Object.keys(outcomes));
  for (let tried = 0; tried < TRIES_MIN || (unseen.size > 0 && tried < TRIES_MAX); tried += 1) {
    const corpus = await loadCorpus(docs, { fileBytesMax: 4_096 });
    check(corpus);
    for (const name of unseen) if (outcomes[name]?.(corpus) === true) unseen.delete(name);
  }
  expect([...unseen]).toEqual([]);
}

const has = (path: string) => (corpus: Corpus) => corpus.documents.has(path);
const misses = (path: string) => (corpus: Corpus) => !corpus.documents.has(path);

function nothingFromOutside({ documents, skipped }: Corpus): void {
  expect([...documents.values()].filter(({ lines }) => lines.some((line) => line.includes('SECRET')))).toEqual([]);
  expect([...documents.keys(), ...skipped.map(({ path }) => path)].filter((path) => path.includes('secret'))).toEqual(
    [],
  );
}

describe('documents that somebody changes while they are read', { timeout: TIME_MAX_MS }, () => {
  test('given a folder that is swapped for a link, then nothing from behind the link is ever read or named', async () => {
    await whileMeddling({ kind: 'swap', path: join(docs, 'sub'), outside }, () =>
      tries({ there: has('sub/own.md'), away: misses('sub/own.md') }, nothingFromOutside),
    );
  });

  test('given a folder further up that is swapped for a link, then nothing from behind the link is ever read or named', async () => {
    await mkdir(join(docs, 'sub', 'deep'));
    await mkdir(join(outside, 'deep'));
    await writeFile(join(docs, 'sub', 'deep', 'own.md'), 'inside');
    await writeFile(join(outside, 'deep', 'own.md'), 'SECRET');
    await whileMeddling({ kind: 'swap', path: join(docs, 'sub'), outside }, () =>
      tries({ there: has('sub/deep/own.md'), away: misses('sub/deep/own.md') }, nothingFromOutside),
    );
  });

  test('given a file that is swapped for a link, then nothing from behind the link is ever read', async () => {
    await whileMeddling({ kind: 'swap', path: join(docs, 'sub', 'own.md'), outside: join(outside, 'own.md') }, () =>
      tries({ there: has('sub/own.md'), away: misses('sub/own.md') }, nothingFromOutside),
    );
  });

  test('given a file that grows and shrinks, then it is read whole and within its bound, or skipped with the reason', async () => {
    const path = join(docs, 'grows.txt');
    const reason = ({ skipped }: Corpus) => skipped.find((one) => one.path === 'grows.txt')?.reason;
    await whileMeddling({ kind: 'grow', path, bytes: 1_024 }, () =>
      tries(
        {
          'too large': (corpus) => reason(corpus)?.startsWith('is too large') === true,
          'changed while it was read': (corpus) => reason(corpus) === 'changed while it was read',
          read: has('grows.txt'),
        },
        (corpus) => {
          const bytes = (corpus.documents.get('grows.txt')?.lines ?? []).length * 2;
          expect(bytes % 1_024).toBe(0);
          expect(bytes).toBeLessThanOrEqual(4_096);
        },
      ),
    );
  });
});
