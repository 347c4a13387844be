import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { gatherOwnDocuments, skippedByKind } from './documents.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function projectWith(...paths: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'troupe-own-'));
  folders.push(root);
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '# Title\n');
  }
  return root;
}

describe('the documents of the example', () => {
  it('are the project’s documentation at its own paths: no packages, fixtures, hidden folders or earlier copies', () => {
    const root = projectWith(
      'README.md',
      'services/writer/README.md',
      'deploy/runbooks/full-disk.md',
      'services/writer/node_modules/zod/README.md',
      'shared/.cache/notes.md',
      'test/fixtures/docs/budget.md',
      '.troupe/docs/old.md',
      'services/writer/src/main.ts',
    );
    const folder = gatherOwnDocuments(join(root, '.troupe'), root);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).toSorted();
    expect(paths).toEqual(['README.md', 'deploy/runbooks/full-disk.md', 'services/writer/README.md']);
  });
});

describe('what was skipped', () => {
  it('is told once per kind, the most frequent first, with a few examples', () => {
    const format = (path: string) => ({ path, reason: 'is not Markdown, text or HTML' });
    const lines = skippedByKind([
      { path: 'big.md', reason: 'is too large: 3000000 bytes, and 2097152 are left' },
      ...['a.png', 'b.png', 'c.pdf', 'd.zip', 'e.mp3'].map(format),
      { path: 'huge.md', reason: 'is too large: 9000000 bytes, and 2097152 are left' },
      { path: 'x.txt', reason: 'is not UTF-8 text' },
    ]);
    expect(lines).toEqual([
      '5 files: are not Markdown, text or HTML (.png, .pdf, .zip, …)',
      '2 files: are too large (big.md, huge.md)',
      '1 file: is not UTF-8 text (x.txt)',
    ]);
  });

  it('speaks of several names as several', () => {
    const reason = 'has a name with control or invisible characters';
    expect(skippedByKind([{ path: 'a', reason }])).toEqual([`1 file: ${reason} (a)`]);
    expect(skippedByKind(['a', 'b'].map((path) => ({ path, reason })))).toEqual([
      '2 files: have names with control or invisible characters (a, b)',
    ]);
  });
});
