import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '@troupe/scripts/cluster';
import { ROOT } from '@troupe/scripts/roles';

/** What a person may have in the shell that `npm start` is called in. */
const SHELL = {
  ANTHROPIC_API_KEY: 'canary-anthropic',
  ANTHROPIC_AUTH_TOKEN: 'canary-token',
  OPENAI_API_KEY: 'canary-openai',
  AWS_SECRET_ACCESS_KEY: 'canary-cloud',
  GITHUB_TOKEN: 'canary-forge',
  HTTPS_PROXY: 'http://user:canary-proxy@127.0.0.1:9',
  NODE_OPTIONS: '--title=canary-options',
};
const DOCS = join(ROOT, 'test', 'fixtures', 'docs');
const EVERY_ROLE = [
  'LANG',
  'LC_ALL',
  'NATS_URL',
  'NODE_COMPILE_CACHE',
  'NODE_EXTRA_CA_CERTS',
  'PATH',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
  'TMPDIR',
  'TROUPE_ACTORS_MAX',
  'TROUPE_AUTH_DIR',
  'TROUPE_DRAIN_MS',
  'TROUPE_EXIT_WITH_PARENT',
  'TROUPE_IN_HAND_MAX',
  'TROUPE_LOG_LEVEL',
  'TROUPE_METRICS_HOST',
  'TROUPE_METRICS_PORT',
  'TZ',
];
const OWN: Readonly<Record<string, readonly string[]>> = {
  'llm-gateway': [
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'HTTPS_PROXY',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'TROUPE_MODEL',
    'TROUPE_MODEL_CONCURRENCY',
    'TROUPE_MODEL_PROVIDER',
  ],
  'policy-guard': ['TROUPE_POLICY'],
  supervisor: ['TROUPE_ROLES'],
  'tool-executor': ['TROUPE_DATA', 'TROUPE_DOCS'],
};

/** The keys with which a provider was called. */
const calledWith: unknown[] = [];
const provider = createServer((request, response) => {
  calledWith.push(request.headers.authorization);
  response.writeHead(500).end();
});

let dataDir: string;
let cluster: Cluster;

beforeAll(async () => {
  for (const [name, value] of Object.entries(SHELL)) vi.stubEnv(name, value);
  const providerPort = await getPort();
  await new Promise<void>((resolve) => provider.listen(providerPort, '127.0.0.1', resolve));
  vi.stubEnv('OPENAI_BASE_URL', `http://127.0.0.1:${providerPort}/v1`);
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-children-'));
  const policy = join(dataDir, 'policy.yaml');
  copyFileSync(join(ROOT, 'services', 'policy-guard', 'policy.yaml'), policy);
  const env = {
    TROUPE_DOCS: DOCS,
    TROUPE_POLICY: policy,
    TROUPE_MODEL_PROVIDER: 'openai',
    TROUPE_MODEL: 'any',
    TROUPE_LOG_LEVEL: 'silent',
    TROUPE_MODEL_CONCURRENCY: '8',
  };
  cluster = await Cluster.start({ dataDir, natsPort: await getPort(), metricsPort: 0, sync: '2m', replicas: 1, env });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await cluster.stop();
  provider.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const NAMES = [
  'archiver',
  'critic',
  'llm-gateway',
  'policy-guard',
  'researcher',
  'supervisor',
  'tool-executor',
  'writer',
];

const pidOf = (name: string): number => {
  const pid = cluster.children.find(({ options }) => options.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
};
const wordsOf = (pid: number, file: 'environ' | 'cmdline'): string[] =>
  readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
const environmentOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    wordsOf(pid, 'environ').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** Runs the attacker's program with the command line and the environment of a role's own process. */
function asRole(name: string, ...words: string[]): unknown {
  const pid = pidOf(name);
  const command = wordsOf(pid, 'cmdline');
  const script = join(import.meta.dirname, 'snoop.fixture.ts');
  const [node = '', ...flags] = command.slice(
    0,
    command.findIndex((word) => word.endsWith('main.ts')),
  );
  const { stdout, stderr } = spawnSync(node, [...flags, script, ...words], {
    env: environmentOf(pid),
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The file with the seed of an identity, and the guard's signing key, wherever this version keeps them. */
const credential = (...candidates: string[]): string => {
  const found = candidates.map((file) => join(cluster.server.authDir, file)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is none of ${candidates.join(', ')}`);
  return found;
};
const secretOf = (name: string): string => credential(`${name}.nk`, join(name, 'nats.nk'));
const signingKey = (): string => credential('grant-key.pem', join('policy-guard', 'signing-key.pem'));

describe('each process that npm start starts', () => {
  it('says where its metrics are and is ready, although its log is silent', async () => {
    expect(cluster.metrics.map(({ name }) => name)).toEqual(NAMES);
    expect(await Promise.all(cluster.children.map((child) => child.isReady()))).toEqual(NAMES.map(() => true));
  });
});

describe('the environment of a process that npm start starts', () => {
  it.each(NAMES)('%s has what it needs and nothing else', (name) => {
    const allowed = [...EVERY_ROLE, ...(OWN[name] ?? [])];
    const found = Object.keys(environmentOf(pidOf(name)));
    expect(found.filter((variable) => !allowed.includes(variable))).toEqual([]);
    expect(found).toEqual(expect.arrayContaining(['NATS_URL', 'TROUPE_AUTH_DIR', ...(OWN[name] ?? [])]));
  });

  it.each(NAMES.filter((name) => name !== 'llm-gateway'))('%s has no secret of the shell', (name) => {
    expect(wordsOf(pidOf(name), 'environ').filter((line) => line.includes('canary'))).toEqual([]);
  });

  it('llm-gateway alone has the keys of the models and the proxy', () => {
    expect(environmentOf(pidOf('llm-gateway'))).toMatchObject({
      ANTHROPIC_API_KEY: SHELL.ANTHROPIC_API_KEY,
      OPENAI_API_KEY: SHELL.OPENAI_API_KEY,
      HTTPS_PROXY: SHELL.HTTPS_PROXY,
    });
  });

  it('llm-gateway reaches the provider with the key, in spite of all that it is denied', async () => {
    const client = await connect({ servers: cluster.server.url });
    client.publish('troupe.goals.default', 'What do refunds cost?');
    await vi.waitFor(() => expect(calledWith).toContain(`Bearer ${SHELL.OPENAI_API_KEY}`), { timeout: 15_000 });
    await client.close();
  });

  it('nats-server has a path, a home, a place for temporary files and its limit', () => {
    const found = Object.keys(environmentOf(cluster.server.pid));
    expect(found.filter((name) => !['GOGC', 'GOMEMLIMIT', 'HOME', 'PATH', 'TMPDIR'].includes(name))).toEqual([]);
    expect(found).toContain('GOMEMLIMIT');
  });
});

const DENIED = 'ERR_ACCESS_DENIED';

describe('a role whose code is an attacker', () => {
  it.each(NAMES)('%s reads its own seed, and nobody else’s', (name) => {
    const others = [...NAMES, 'admin', 'viewer', 'system'].filter((other) => other !== name);
    expect(asRole(name, 'read', secretOf(name))).toEqual({ [`read ${secretOf(name)}`]: 'done' });
    expect(asRole(name, ...others.flatMap((other) => ['read', secretOf(other)]))).toEqual(
      Object.fromEntries(others.map((other) => [`read ${secretOf(other)}`, DENIED])),
    );
  });

  it.each(NAMES)('%s reads the signing key only if it is the guard', (name) => {
    const outcome = name === 'policy-guard' ? 'done' : DENIED;
    expect(asRole(name, 'read', signingKey())).toEqual({ [`read ${signingKey()}`]: outcome });
  });

  it.each(NAMES)('%s sees neither the store nor the configuration, logs and processes of others', (name) => {
    const log = join(dataDir, 'logs', `${name === 'writer' ? 'critic' : 'writer'}.log`);
    const gateway = `/proc/${pidOf('llm-gateway')}/environ`;
    const paths = [join(dataDir, 'nats.conf'), join(dataDir, 'nats.log'), log, gateway, '/etc/passwd'];
    expect(asRole(name, ...paths.flatMap((path) => ['read', path]))).toEqual(
      Object.fromEntries(paths.map((path) => [`read ${path}`, DENIED])),
    );
  });

  it.each(NAMES)('%s can change no code, make no link, and start neither process nor thread', (name) => {
    const code = join(ROOT, 'services', name, 'src', 'main.ts');
    const cache = join(environmentOf(pidOf(name === 'writer' ? 'critic' : 'writer'))['NODE_COMPILE_CACHE'] ?? '', 'x');
    const link = join(environmentOf(pidOf(name))['NODE_COMPILE_CACHE'] ?? '', 'link');
    const words = ['write', code, 'write', cache, 'link', link, 'run', '/bin/true', 'work', '-'];
    expect(Object.values(Object(asRole(name, ...words)))).toEqual([DENIED, DENIED, DENIED, DENIED, DENIED]);
  });

  it('tool-executor reads the documents, and writes into its own folder alone', () => {
    const { TROUPE_DATA: own = '' } = environmentOf(pidOf('tool-executor'));
    const [document, note] = [join(DOCS, 'budget.md'), join(own, 'try.txt')];
    writeFileSync(join(dataDir, 'other.txt'), 'x');
    const words = ['read', document, 'write', note, 'write', document, 'write', join(dataDir, 'other.txt')];
    expect(Object.values(Object(asRole('tool-executor', ...words)))).toEqual(['done', 'done', DENIED, DENIED]);
    expect(asRole('researcher', 'read', document)).toEqual({ [`read ${document}`]: DENIED });
  });
});
