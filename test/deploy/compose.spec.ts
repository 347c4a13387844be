import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installedRoles, ROOT } from '@troupe/scripts/roles';
import { readCompose, withDefaults } from './compose.fixture.ts';

const compose = readCompose();
const services = Object.entries(compose.services);
/** A role that is added later needs a service only where it is deployed. */
const roles = (await installedRoles())
  .map(({ declaration }) => declaration)
  .filter(({ name }) => name in compose.services);
const GENERATED = './deploy/nats/generated/';
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('docker-compose.yml', () => {
  it('has NATS, its topology, and a service for each role that comes with the project', () => {
    const names = services.map(([name]) => name);
    const workers = ['supervisor', 'researcher', 'writer', 'critic'];
    const others = ['policy-guard', 'tool-executor', 'llm-gateway', 'archiver'];
    expect(names.toSorted()).toEqual([...workers, ...others, 'nats', 'topology'].toSorted());
    expect(names.filter((name) => !roles.some((role) => role.name === name))).toEqual(['nats', 'topology']);
  });

  it.each(services.filter(([name]) => name !== 'nats'))('starts a file that is there (%s)', (name, { command }) => {
    const [file = ''] = command;
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(file).toBe(name === 'topology' ? 'deploy/nats/topology.ts' : `services/${name}/src/main.ts`);
  });

  it('gives each process the folder with its own keys, to read, where it looks for them, and no other', () => {
    const isOfKeys = (volume: string): boolean => volume.startsWith(`${GENERATED}auth`);
    const given = Object.fromEntries(services.map(([name, { volumes }]) => [name, volumes.filter(isOfKeys)]));
    const own = (name: string) => [`${GENERATED}auth/${name}:/etc/troupe/auth/${name}:ro`];
    expect(given).toEqual({
      ...Object.fromEntries(roles.map(({ name }) => [name, own(name)])),
      nats: [],
      topology: own('admin'),
    });
    for (const [name, { environment }] of services)
      expect([name, environment['TROUPE_AUTH_DIR']]).toEqual([name, name === 'nats' ? undefined : '/etc/troupe/auth']);
  });

  it('mounts nothing else but files that nats-auth writes, documents and named volumes', () => {
    const sources = services.flatMap(([, { volumes }]) =>
      volumes.map((volume) => withDefaults(volume).split(':')[0] ?? ''),
    );
    const isKnown = (from: string): boolean => {
      if (from.startsWith(`${GENERATED}auth/`)) return true;
      if (from.startsWith(GENERATED)) return ['nats.conf', 'roles.json'].includes(from.slice(GENERATED.length));
      return from.startsWith('.') ? existsSync(join(ROOT, from)) : from in compose.volumes;
    };
    expect(sources.length).toBeGreaterThan(3);
    expect(sources.filter((from) => !isKnown(from))).toEqual([]);
  });

  it('lets nobody but the gateway, and people on this machine, out of or into the bus', () => {
    const wayOut = services.filter(([, { networks }]) => networks.some((name) => !compose.networks[name]?.internal));
    expect(wayOut.map(([name]) => name).toSorted()).toEqual(['llm-gateway', 'nats']);
    for (const [, { networks }] of services)
      for (const name of networks) expect(Object.keys(compose.networks)).toContain(name);
    const ports = services.flatMap(([, service]) => service.ports);
    expect(ports).not.toEqual([]);
    expect(ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
  });

  it('asks each role whether it is ready, and starts it when the streams are there', () => {
    for (const { name } of roles) {
      const role = compose.services[name];
      expect(role?.healthcheck?.test.join(' ')).toContain(`:${role?.environment['TROUPE_METRICS_PORT']}/readyz`);
      expect(role?.depends_on['topology']?.condition).toBe('service_completed_successfully');
    }
  });
});

describe('the image', () => {
  const dockerfile = read('deploy/Dockerfile');

  it('is the one that the services name, and copies what is there', () => {
    const builds = services.flatMap(([, { build }]) => (build === undefined ? [] : [build]));
    expect(builds.length).toBeGreaterThan(roles.length);
    for (const build of builds) expect(build).toEqual({ context: '.', dockerfile: 'deploy/Dockerfile' });
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, path = '']) => path);
    expect(copied.length).toBeGreaterThan(3);
    for (const path of copied) expect(existsSync(join(ROOT, path))).toBe(true);
  });

  it('holds every command of the services', () => {
    const folders = [...dockerfile.matchAll(/^COPY (?!--from)(\S+) \1$/gm)].map(([, path = '']) => path);
    for (const [, { build, command }] of services) {
      if (build === undefined) continue;
      expect(folders.some((folder) => command[0]?.startsWith(`${folder}/`))).toBe(true);
    }
  });

  it('never holds credentials, and neither does the repository', () => {
    expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['deploy/nats/generated', '.troupe']));
    expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['deploy/nats/generated/', '.troupe/']));
  });
});
