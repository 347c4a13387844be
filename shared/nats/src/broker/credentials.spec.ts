import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureCredentials, readKeys, readSeed, type Trust } from './credentials.ts';

let authDir: string;
beforeEach(() => {
  authDir = join(mkdtempSync(join(tmpdir(), 'troupe-keys-')), 'auth');
});
afterEach(() => rmSync(join(authDir, '..'), { recursive: true, force: true }));

const mode = (...path: string[]) => statSync(join(authDir, ...path)).mode & 0o777;
const files = (...path: string[]) =>
  readdirSync(join(authDir, ...path), { recursive: true, encoding: 'utf8' }).toSorted();

const WRITER: Trust = { name: 'writer' };
const SIGNER: Trust = { name: 'signer', signs: true };
const READER: Trust = { name: 'reader', trusts: ['signer'] };

describe('credentials', () => {
  it('are made for each role and operator, each with a key and a folder of its own', () => {
    const keys = ensureCredentials(authDir, [WRITER, { name: 'critic' }]);
    expect(Object.keys(keys).toSorted()).toEqual(['admin', 'critic', 'system', 'viewer', 'writer']);
    expect(files()).toEqual(
      Object.keys(keys)
        .flatMap((name) => [name, join(name, 'nats.nk')])
        .toSorted(),
    );
    expect(new Set(Object.values(keys)).size).toBe(5);
    expect(new TextDecoder().decode(readSeed(authDir, 'writer'))).toMatch(/^SU/);
  });

  it('that are there are kept; only missing ones are made', () => {
    const before = ensureCredentials(authDir, [WRITER, SIGNER, READER]);
    const signing = readKeys(authDir, 'signer');
    const after = ensureCredentials(authDir, [WRITER, SIGNER, READER, { name: 'critic' }]);
    expect(after['writer']).toBe(before['writer']);
    expect(after['critic']).toBeDefined();
    expect(readKeys(authDir, 'signer')).toEqual(signing);
  });

  it('can be read by their owner alone, whatever the mask of the process is', () => {
    const mask = process.umask(0);
    try {
      ensureCredentials(authDir, [SIGNER, READER]);
    } finally {
      process.umask(mask);
    }
    expect([mode(), mode('signer'), mode('reader', 'peers')]).toEqual([0o700, 0o700, 0o700]);
    expect([
      mode('signer', 'nats.nk'),
      mode('signer', 'signing-key.pem'),
      mode('reader', 'peers', 'signer.pem'),
    ]).toEqual([0o600, 0o600, 0o600]);
  });

  it('give signing keys only to those who sign and those who believe them, in a folder that is all they need', () => {
    ensureCredentials(authDir, [WRITER, SIGNER, READER]);
    expect(files('writer')).toEqual(['nats.nk']);
    expect(files('signer')).toEqual(['nats.nk', 'peers', 'peers/reader.pem', 'signing-key.pem']);
    expect(files('reader')).toEqual(['nats.nk', 'peers', 'peers/signer.pem', 'signing-key.pem']);
  });

  it('never hold one role’s private key in another’s folder', () => {
    ensureCredentials(authDir, [SIGNER, READER]);
    const { privateKey, peers } = readKeys(authDir, 'reader');
    expect(privateKey).not.toBe(readKeys(authDir, 'signer').privateKey);
    expect(peers['signer']).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  });

  it('follow a signing key that is made anew, and a trust that ends', () => {
    ensureCredentials(authDir, [SIGNER, READER]);
    const before = readKeys(authDir, 'reader').peers['signer'];
    rmSync(join(authDir, 'signer', 'signing-key.pem'));
    ensureCredentials(authDir, [SIGNER, READER]);
    expect(readKeys(authDir, 'reader').peers['signer']).not.toBe(before);
    ensureCredentials(authDir, [SIGNER, { name: 'reader' }]);
    expect(readKeys(authDir, 'reader').peers).toEqual({});
  });

  it('are refused when a role trusts one that does not sign', () => {
    expect(() => ensureCredentials(authDir, [WRITER, { name: 'reader', trusts: ['writer'] }])).toThrow(
      'The role "reader" trusts "writer", which does not declare that it signs.',
    );
  });

  it('that are missing are asked for by name', () => {
    ensureCredentials(authDir, [WRITER]);
    expect(() => readSeed(authDir, 'critic')).toThrow(/no credentials for "critic".*npm run nats-auth -- --out/);
    expect(() => readKeys(authDir, 'writer')).toThrow(/no signing keys for "writer".*npm run nats-auth/);
  });

  it('hold nothing of one role in the files of another', () => {
    ensureCredentials(authDir, [WRITER, SIGNER]);
    expect(readFileSync(join(authDir, 'writer', 'nats.nk'), 'utf8')).not.toBe(
      readFileSync(join(authDir, 'signer', 'nats.nk'), 'utf8'),
    );
  });
});
