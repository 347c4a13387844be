import { readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OpenFolder } from './open-folder.ts';

let base = '';

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'folder-'));
  await mkdir(join(base, 'docs/sub'), { recursive: true });
  await mkdir(join(base, 'outside/sub'), { recursive: true });
  await writeFile(join(base, 'docs/sub/a.md'), 'inside');
  await writeFile(join(base, 'outside/sub/a.md'), 'SECRET');
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

/** Opens a folder under the base, closed when `use` has ended. */
function inFolder(byDescriptor: boolean, use: (docs: OpenFolder) => void): void {
  const docs = OpenFolder.open(join(base, 'docs'), byDescriptor);
  try {
    use(docs);
  } finally {
    docs.close();
  }
}

const textOf = (folder: OpenFolder, name: string): string => folder.withFile(name, (fd) => readFileSync(fd, 'utf8'));
const code = (error: string) => expect.objectContaining({ code: error });
const descriptors = () => readdirSync('/proc/self/fd').length;

describe.each([
  ['by descriptor', true],
  ['by path, as where there are no names for descriptors', false],
])('a folder that is held open, %s', (_how, byDescriptor) => {
  test('lists and opens what is in it', () => {
    inFolder(byDescriptor, (docs) => {
      docs.within('sub', (sub) => {
        expect([...sub.entries()].map(({ name }) => name)).toEqual(['a.md']);
        expect(textOf(sub, 'a.md')).toBe('inside');
      });
    });
  });

  test('never goes through a link to a folder or a file', () => {
    symlinkSync(join(base, 'outside'), join(base, 'docs/out'));
    symlinkSync(join(base, 'outside/sub/a.md'), join(base, 'docs/out.md'));
    inFolder(byDescriptor, (docs) => {
      expect(() => docs.within('out', () => undefined)).toThrow(code('ENOTDIR'));
      expect(() => textOf(docs, 'out.md')).toThrow(code('ELOOP'));
    });
  });

  test('keeps no descriptor, whatever it opened or refused', () => {
    symlinkSync(join(base, 'outside'), join(base, 'docs/out'));
    const before = descriptors();
    inFolder(byDescriptor, (docs) => {
      expect(() => docs.within('out', () => undefined)).toThrow(code('ENOTDIR'));
      docs.within('sub', (sub) => {
        expect(() => textOf(sub, 'none.md')).toThrow(code('ENOENT'));
        expect(textOf(sub, 'a.md')).toBe('inside');
      });
    });
    expect(() => inFolder(byDescriptor, (docs) => docs.within('sub', () => raise('used up')))).toThrow('used up');
    expect(descriptors()).toBe(before);
  });
});

function raise(message: string): never {
  throw new Error(message);
}

describe('a folder whose name leads to another one by now', () => {
  const swap = (): void => {
    renameSync(join(base, 'docs'), join(base, 'parked'));
    symlinkSync(join(base, 'outside'), join(base, 'docs'));
  };

  test('by descriptor is still the one that was opened', () => {
    inFolder(true, (docs) => {
      docs.within('sub', (sub) => {
        swap();
        expect(textOf(sub, 'a.md')).toBe('inside');
      });
      expect(docs.within('sub', (sub) => textOf(sub, 'a.md'))).toBe('inside');
    });
  });

  test('by path is refused, and nothing behind the link is listed', () => {
    const before = descriptors();
    inFolder(false, (docs) => {
      docs.within('sub', (sub) => {
        swap();
        expect(() => textOf(sub, 'a.md')).toThrow('changed place while it was read');
      });
      expect(() => docs.within('sub', () => undefined)).toThrow('changed place while it was read');
      expect(() => [...docs.entries()]).toThrow('changed place while it was read');
    });
    expect(descriptors()).toBe(before);
  });
});
