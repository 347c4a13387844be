import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCredentials, findServerBinary } from '@troupe/nats';
import { InvalidArgumentError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedRoles } from '../roles.ts';
import { renderServers, serverList } from './servers.ts';

const roles = (await installedRoles()).map(({ declaration }) => declaration);
const SERVERS = ['nats-0:6222', 'nats-1:6222', 'nats-2:6223'];

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'troupe-servers-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function rendered(servers: readonly string[] | undefined) {
  const authDir = join(folder, 'auth');
  const installation = { authDir, roles, credentials: ensureCredentials(authDir, roles) };
  const storeDir = join(folder, 'store');
  const settings = { host: '0.0.0.0', port: 4222, storeDir, sync: 'always', maxStoreBytes: 1e9, openToClients: false };
  return renderServers(settings, servers, installation);
}

describe('--servers', () => {
  it('names the servers of a cluster', () => {
    expect(serverList(' nats-0:6222, nats-1:6222,nats-2:6223')).toEqual(SERVERS);
  });

  it.each([
    ['a:1,b:2', 'A cluster has 3 or 5 servers'],
    ['a:1,b:2,c:3,d:4', 'A cluster has 3 or 5 servers'],
    ['a:1,b:2,a:1', 'same address'],
    ['a,b,c', '"a" is not a host and a port'],
    ['a:1,b:2,c:70000', '"c:70000" is not a host and a port'],
    ['a:1,b:2,"x"]\n:3', 'is not a host and a port'],
  ])('refuses %j with a sentence', (text, sentence) => {
    expect(() => serverList(text)).toThrow(InvalidArgumentError);
    expect(() => serverList(text)).toThrow(sentence);
  });
});

describe('the servers’ configurations', () => {
  it('are one nats.conf without --servers, of a server that has no route port', () => {
    const [only, ...others] = rendered(undefined);
    expect([only?.file, others]).toEqual(['nats.conf', []]);
    expect(only?.config).not.toContain('cluster {');
  });

  it('are one for each server, and nats-server takes each of them', () => {
    const servers = rendered(SERVERS);
    expect(servers.map(({ file }) => file)).toEqual(['nats-0.conf', 'nats-1.conf', 'nats-2.conf']);
    for (const { file, config } of servers) {
      writeFileSync(join(folder, file), config);
      expect(() =>
        execFileSync(findServerBinary(undefined), ['-t', '-c', join(folder, file)], { stdio: 'pipe' }),
      ).not.toThrow();
    }
  });

  it('differ in their names, and each has a way to every other one', () => {
    const configs = rendered(SERVERS).map(({ config }) => config);
    expect(configs.map((config) => /^server_name: "(.*)"$/m.exec(config)?.[1])).toEqual([
      'troupe-0',
      'troupe-1',
      'troupe-2',
    ]);
    const routes = configs.map((config) => [...config.matchAll(/nats-route:\/\/\S+@([^"]+)"/g)].map(([, to]) => to));
    expect(routes).toEqual(SERVERS.map((own) => SERVERS.filter((other) => other !== own)));
  });

  it('let in who has the key, which is made once and is for its owner alone', () => {
    const keys = rendered(SERVERS).map(
      ({ config }) => /authorization \{.*password: "([0-9a-f]{64})"/.exec(config)?.[1],
    );
    expect(keys[0]).toBeDefined();
    expect(new Set(keys).size).toBe(1);
    expect(rendered(SERVERS)[0]?.config).toContain(keys[0]);
    expect(statSync(join(folder, 'auth', 'server.route', 'key')).mode & 0o777).toBe(0o600);
  });
});
