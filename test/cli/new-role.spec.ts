import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, Message } from '@troupe/contract';
import { connectAs } from '@troupe/nats';
import { Cluster } from '@troupe/scripts/cluster';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../bench/company.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const GOAL = 'What do refunds cost and how do battery ferries work? Use the translator for the report.';

let copy: string;

/** A copy of the sources whose `@troupe` packages are the copied ones; all other packages are the real ones. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'troupe-new-role-'));
  for (const name of [
    'services',
    'shared',
    'scripts',
    'test/fixtures',
    'package.json',
    'package-lock.json',
    'tsconfig.base.json',
    'vitest.config.ts',
  ]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter: (path) => !path.endsWith('/node_modules') });
  }
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@troupe'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@troupe' && name !== '.troupe-lock-hash')
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const parent of ['services', 'shared']) {
    for (const name of readdirSync(join(copy, parent)))
      symlinkSync(join(copy, parent, name), join(modules, '@troupe', name));
  }
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

const newRole = (...words: string[]) =>
  spawnSync(process.execPath, [join(copy, 'scripts', 'new-role.ts'), ...words], { cwd: copy, encoding: 'utf8' });

describe('npm run new-role', () => {
  it('makes one folder, and its test passes', () => {
    const before = readdirSync(join(copy, 'services'));
    expect(newRole('translator', '--description', 'Translates the finished report.').status).toBe(0);
    expect(readdirSync(join(copy, 'services')).filter((name) => !before.includes(name))).toEqual(['translator']);
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const output = execFileSync(process.execPath, [vitest, 'run', '--root', copy, 'services/translator'], {
      encoding: 'utf8',
    });
    expect(output).toMatch(/2 passed/);
  });

  it.each([
    ['no name', [], /Give the role a name/],
    ['a name that is no subject token', ['Über.setzer'], /cannot be the name of a role/],
    ['a name that is taken', ['writer'], /services\/writer is there already/],
  ])('refuses %s with a sentence', (_what, words, sentence) => {
    const { status, stderr } = newRole(...words);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('gives the role its part in the next run, and credentials for what it declares', async () => {
    const dataDir = join(copy, 'data');
    const env = { TROUPE_DOCS: join(ROOT, 'test', 'fixtures', 'docs'), TROUPE_MODEL_PROVIDER: 'offline' };
    const cluster = await Cluster.start({
      root: copy,
      dataDir,
      natsPort: await freePorts(1),
      sync: '2m',
      replicas: 1,
      metricsPort: 0,
      env,
    });
    try {
      const client = await connect({ servers: cluster.server.url });
      const result = resultOf(client);
      client.publish('troupe.goals.default', JSON.stringify({ goal: GOAL }));
      expect((await result).body).toMatchObject({ status: 'completed' });
      await client.close();
      const log = await messages(cluster);
      const steps = log.filter(({ subject }) => subject.includes('.translator.')).map(({ message }) => message.type);
      expect(steps).toEqual(['task.assigned', 'task.completed']);
    } finally {
      await cluster.stop();
    }
    const config = readFileSync(join(dataDir, 'nats.conf'), 'utf8');
    const writes = [...new Set(config.match(/troupe\.runs\.\*\.\*\.translator\.[a-z*-]+\.\*/g))].toSorted();
    expect(writes.filter((subject) => !subject.endsWith('.*.*')).map((subject) => subject.split('.')[5])).toEqual([
      'log',
      'supervisor',
      'translator',
    ]);
    expect(existsSync(join(dataDir, 'auth', 'translator.nk'))).toBe(true);
  });
});

function resultOf(client: Awaited<ReturnType<typeof connect>>): Promise<{ body: unknown }> {
  return new Promise((resolve, reject) => {
    client.subscribe('troupe.results.>', {
      callback: (error, message) => (error === null ? resolve(message.json()) : reject(error)),
    });
  });
}

async function messages(cluster: Cluster): Promise<{ subject: string; message: Message }[]> {
  const admin = await connectAs('admin', cluster.server);
  try {
    const found = [];
    const batch = await (await jetstreamManager(admin.nc)).direct.getBatch('RUNS', { seq: 1, batch: 500 });
    for await (const { subject, data } of batch) found.push({ subject, message: Message.parse(decode(data)) });
    return found;
  } finally {
    await admin.nc.close();
  }
}
