import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureCredentials, grantKeyFiles, readSeed } from './credentials.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'troupe-keys-')), 'auth');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const mode = (file: string) => statSync(file).mode & 0o777;

describe('credentials', () => {
  it('are made for each role and operator, each with a key of its own', () => {
    const keys = ensureCredentials(folder, ['writer', 'critic']);
    expect(Object.keys(keys).toSorted()).toEqual(['admin', 'critic', 'system', 'viewer', 'writer']);
    expect(new Set(Object.values(keys)).size).toBe(5);
    expect(new TextDecoder().decode(readSeed(folder, 'writer'))).toMatch(/^SU/);
  });

  it('that are there are kept; only missing ones are made', () => {
    const before = ensureCredentials(folder, ['writer']);
    const grantKey = readFileSync(grantKeyFiles(folder).privateKey, 'utf8');
    const after = ensureCredentials(folder, ['writer', 'critic']);
    expect(after['writer']).toBe(before['writer']);
    expect(after['critic']).toBeDefined();
    expect(readFileSync(grantKeyFiles(folder).privateKey, 'utf8')).toBe(grantKey);
  });

  it('can be read by their owner alone, whatever the mask of the process is', () => {
    const mask = process.umask(0);
    try {
      ensureCredentials(folder, ['writer']);
    } finally {
      process.umask(mask);
    }
    expect([mode(folder), mode(join(folder, 'writer.nk')), mode(grantKeyFiles(folder).privateKey)]).toEqual([
      0o700, 0o600, 0o600,
    ]);
  });

  it('keep the guard’s private key when only its public half is missing: that half follows from it', () => {
    ensureCredentials(folder, ['writer']);
    rmSync(grantKeyFiles(folder).publicKey);
    const before = readFileSync(grantKeyFiles(folder).privateKey, 'utf8');
    ensureCredentials(folder, ['writer']);
    expect(readFileSync(grantKeyFiles(folder).privateKey, 'utf8')).toBe(before);
  });

  it('that are missing are asked for by name', () => {
    ensureCredentials(folder, []);
    expect(() => readSeed(folder, 'writer')).toThrow(/no credentials for "writer".*npm run nats-auth/);
  });
});
