import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARDS_DEFAULT } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureCredentials, readKeys, readSeed, readLayout, type Trust } from './credentials.ts';

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
    const { keys } = ensureCredentials(authDir, [WRITER, { name: 'critic' }]);
    expect(Object.keys(keys).toSorted()).toEqual(['admin', 'critic', 'system', 'tenant.default', 'viewer', 'writer']);
    const { 'tenant.default': _clients, ...processes } = keys;
    expect(files()).toEqual(
      [
        ...Object.keys(processes).flatMap((name) => [
          name,
          join(name, 'nats.nk'),
          join(name, 'shards'),
          join(name, 'tenants'),
        ]),
        'tenant.default',
        'tenant.default/nats.nk',
      ].toSorted(),
    );
    expect(new Set(Object.values(keys)).size).toBe(6);
    expect(new TextDecoder().decode(readSeed(authDir, 'writer'))).toMatch(/^SU/);
  });

  it('that are there are kept; only missing ones are made', () => {
    const before = ensureCredentials(authDir, [WRITER, SIGNER, READER]);
    const signing = readKeys(authDir, 'signer');
    const after = ensureCredentials(authDir, [WRITER, SIGNER, READER, { name: 'critic' }]);
    expect(after.keys['writer']).toBe(before.keys['writer']);
    expect(after.keys['critic']).toBeDefined();
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
      mode('signer', 'shards'),
      mode('signer', 'signing-key.pem'),
      mode('reader', 'peers', 'signer.pem'),
    ]).toEqual([0o600, 0o600, 0o600, 0o600]);
  });

  it('give signing keys only to those who sign and those who believe them, in a folder that is all they need', () => {
    ensureCredentials(authDir, [WRITER, SIGNER, READER]);
    expect(files('writer')).toEqual(['nats.nk', 'shards', 'tenants']);
    expect(files('signer')).toEqual(['nats.nk', 'peers', 'peers/reader.pem', 'shards', 'signing-key.pem', 'tenants']);
    expect(files('reader')).toEqual(['nats.nk', 'peers', 'peers/signer.pem', 'shards', 'signing-key.pem', 'tenants']);
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

describe('tenants', () => {
  it('are the default one where nobody says others', () => {
    expect(ensureCredentials(authDir, [WRITER]).tenants).toEqual(['default']);
  });

  it('are added to those that are there, the default one always first; each keeps its key', () => {
    const first = ensureCredentials(authDir, [WRITER], 2, ['globex']);
    expect(first.tenants).toEqual(['default', 'globex']);
    const second = ensureCredentials(authDir, [WRITER], 2, ['acme', 'globex', 'default']);
    expect(second.tenants).toEqual(['default', 'globex', 'acme']);
    const third = ensureCredentials(authDir, [WRITER]);
    expect(third.tenants).toEqual(['default', 'acme', 'globex']);
    expect(third.keys).toMatchObject(first.keys);
    expect(third.keys).toEqual(second.keys);
  });

  it('each have a key of their own, for their owner alone, and nothing else', () => {
    const { keys } = ensureCredentials(authDir, [SIGNER, READER], 2, ['acme', 'globex']);
    const own = ['tenant.default', 'tenant.acme', 'tenant.globex'];
    expect(new Set(own.map((name) => keys[name])).size).toBe(3);
    for (const name of own) {
      expect(files(name)).toEqual(['nats.nk']);
      expect([mode(name), mode(name, 'nats.nk')]).toEqual([0o700, 0o600]);
    }
  });

  it.each(['Acme', 'a_b', 'a.b', '*', '>', '', '../x', 'x'.repeat(49)])('cannot be called %j', (name) => {
    expect(() => ensureCredentials(authDir, [WRITER], 2, [name])).toThrow(/1–48/);
    expect(files().filter((file) => file.startsWith('tenant.') && !file.startsWith('tenant.default'))).toEqual([]);
  });
});

describe('the number of shards', () => {
  it('is kept from the first time on, also for roles that come later', () => {
    expect(ensureCredentials(authDir, [WRITER], 7).shards).toBe(7);
    expect(ensureCredentials(authDir, [WRITER, SIGNER]).shards).toBe(7);
    expect(ensureCredentials(authDir, [WRITER, SIGNER], 7).shards).toBe(7);
    expect(['writer', 'signer', 'admin', 'viewer'].map((name) => readLayout(authDir, name).shards)).toEqual([
      7, 7, 7, 7,
    ]);
  });

  it('is the default where nobody says another', () => {
    expect(ensureCredentials(authDir, [WRITER]).shards).toBe(SHARDS_DEFAULT);
    expect(readLayout(authDir, 'writer').shards).toBe(SHARDS_DEFAULT);
  });

  it('cannot be changed: every run would be looked for elsewhere', () => {
    const { keys } = ensureCredentials(authDir, [WRITER], 2);
    expect(() => ensureCredentials(authDir, [WRITER, SIGNER], 3)).toThrow(
      `The log of ${authDir} has 2 shards. Their number cannot be changed: leave out --shards, or begin a new installation.`,
    );
    expect(files('writer')).toEqual(['nats.nk', 'shards', 'tenants']);
    expect(ensureCredentials(authDir, [WRITER])).toEqual({ keys, shards: 2, tenants: ['default'] });
  });

  it('that is missing is asked for by name', () => {
    expect(() => readLayout(authDir, 'writer').shards).toThrow(
      /no number of shards for "writer".*npm run nats-auth -- --out/,
    );
  });
});
