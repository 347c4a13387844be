import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../cli/failure.ts';
import { explainDataFolder, makeFolder, prepareDataFolder } from './data-folder.ts';

const withCode = (code: string) => Object.assign(new Error(`${code}: raw words, open '/d/x'`), { code });

describe('an error in the data folder', () => {
  it.for([
    ['ENOSPC', /disk .*"\/d" is full/],
    ['EDQUOT', /disk .*"\/d" is full/],
    ['EACCES', /"\/d" cannot be written to/],
    ['EROFS', /"\/d" cannot be written to/],
    ['ENOTDIR', /"\/d" is a file/],
    ['ENOENT', /"\/d" cannot be made/],
  ] as const)('%s is one sentence that says what to do', ([code, sentence]) => {
    const { message, exitCode } = explainDataFolder('/d', withCode(code));
    expect(message).toMatch(sentence);
    expect(message).toMatch(/--data/);
    expect(message).not.toContain('raw words');
    expect(exitCode).toBe(1);
  });

  it('keeps the words of an error that explains itself', () => {
    expect(explainDataFolder('/d', new Error('Port 4222 is in use.')).message).toBe('Port 4222 is in use.');
    const failure = new Failure('No.', 2);
    expect(explainDataFolder('/d', failure)).toBe(failure);
  });
});

describe('making a folder', () => {
  it('makes those that it lies in, and is content with one that is there', () => {
    const root = mkdtempSync(join(tmpdir(), 'troupe-folder-'));
    const folder = join(root, 'a', 'b', 'c');
    makeFolder(folder);
    makeFolder(folder);
    expect(statSync(folder).isDirectory()).toBe(true);
    rmSync(root, { recursive: true });
  });

  it('takes no file for a folder, and no link that leads nowhere', () => {
    const root = mkdtempSync(join(tmpdir(), 'troupe-folder-'));
    writeFileSync(join(root, 'file'), '', { mode: 0o755 });
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    for (const path of ['file', 'link', join('file', 'below')])
      expect(() => makeFolder(join(root, path))).toThrow(/EEXIST|ENOTDIR/);
    expect(() => prepareDataFolder(join(root, 'file'))).toThrow('is a file, or lies in one');
    rmSync(root, { recursive: true });
  });

  it.runIf(existsSync('/proc/self'))('fails at once where the file system takes no folders', () => {
    expect(() => makeFolder('/proc/troupe/data')).toThrow('ENOENT');
  });
});
