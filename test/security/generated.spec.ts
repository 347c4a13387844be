import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { WORKERS } from '@troupe/actor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMES, ROLES, type SecuredBus, startSecuredBus } from './secured-bus.fixture.ts';

let bus: SecuredBus;
let config: string;
beforeAll(async () => {
  bus = await startSecuredBus();
  config = readFileSync(join(bus.dataDir, 'nats.conf'), 'utf8');
});
afterAll(() => bus?.stop());

/** The block of one account. */
function account(name: string): string {
  const start = config.indexOf(`  ${name} {`);
  expect(start).toBeGreaterThan(0);
  return config.slice(start, config.indexOf('\n  }', start));
}
const accountOf = (role: string) => account(`ROLE_${role.replaceAll('-', '_')}`);
const subjectsIn = (text: string) => [...text.matchAll(/"([^"]+)"/g)].map(([, subject]) => subject ?? '');

const workers = ROLES.filter(({ kind }) => kind === 'worker' || kind === 'reviewer').map(({ name }) => name);
const declared = ROLES.map(
  ({ name, emits }) =>
    [
      name,
      new Set(
        Object.values(emits)
          .flat()
          .flatMap((party) => (party === WORKERS ? workers : [party])),
      ),
    ] as const,
);

describe('the generated configuration', () => {
  it.each(declared)('lets %s write as itself to exactly those whom it declares', (name, recipients) => {
    const written = new Set(subjectsIn(accountOf(name)).filter((subject) => subject.startsWith('troupe.runs.')));
    const expected = [...recipients].map((to) => `troupe.runs.*.*.${name}.${to}.*`);
    expect([...written].toSorted()).toEqual(expected.toSorted());
  });

  it.each(NAMES)('gives %s no wildcard that reaches further than one role', (name) => {
    const wide = subjectsIn(accountOf(name)).filter((subject) => subject.endsWith('>') || subject === '*');
    const expected = [
      `_INBOX_${name}.>`,
      ...['RUNS', 'GOALS', 'TIMERS'].map((stream) => `$JS.ACK.${stream}.${name}.>`),
      // Answers of those who serve: the server makes these subjects, one per question, inside the account.
      ...(name === 'supervisor' || name === 'llm-gateway' ? ['_R_.>'] : []),
      ...(name === 'supervisor' ? ['troupe.api.>'] : []),
    ];
    expect(wide.filter((subject) => !expected.includes(subject))).toEqual([]);
  });

  it('lets roles read the log only where they are sender or receiver', () => {
    for (const name of NAMES) {
      const reads = subjectsIn(accountOf(name)).filter((subject) => subject.startsWith('$JS.API.DIRECT.GET.RUNS'));
      const sent = `$JS.API.DIRECT.GET.RUNS.troupe.runs.*.*.${name}.*.*`;
      const received = `$JS.API.DIRECT.GET.RUNS.troupe.runs.*.*.*.${name}.*`;
      expect(reads.filter((subject) => subject !== sent && subject !== received)).toEqual([]);
    }
  });

  it('exports no service to everybody', () => {
    const services = config.split('\n').filter((line) => line.includes('{ service:') && !line.includes('account:'));
    expect(services.length).toBeGreaterThan(20);
    expect(services.filter((line) => !line.includes('accounts: ['))).toEqual([]);
  });

  it('lets nobody administer JetStream but the administrator', () => {
    const forbidden = /\$JS\.API\.(STREAM\.(?!INFO)|CONSUMER\.(CREATE|DURABLE|DELETE|PAUSE|UNPIN|RESET|LIST|NAMES))/;
    expect(subjectsIn(config).filter((subject) => forbidden.test(subject) || subject === '$JS.API.>')).toEqual([]);
  });

  it('gives every identity a key of its own', () => {
    const keys = [...config.matchAll(/nkey: (U[A-Z0-9]{55})/g)].map(([, key]) => key);
    expect(keys).toHaveLength(NAMES.length + 3);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('listens on the loopback address alone when people may come without credentials', () => {
    expect(config).toContain('no_auth_user: client');
    expect(config).toMatch(/listen: "127\.0\.0\.1:\d+"/);
  });
});

describe('the files with secrets', () => {
  const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

  it('are for their owner alone: each file, each folder, and the configuration', () => {
    const { authDir } = bus.server;
    const entries = readdirSync(authDir, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      expect([path, mode(path)]).toEqual([path, entry.isDirectory() ? '700' : '600']);
    }
    expect(mode(authDir)).toBe('700');
    expect(mode(join(bus.dataDir, 'nats.conf'))).toBe('600');
  });

  it('are in one folder per identity: a seed, and signing keys for those alone who sign or believe signatures', () => {
    const { authDir } = bus.server;
    const filesOf = (name: string) =>
      readdirSync(join(authDir, name), { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [relative(join(authDir, name), join(entry.parentPath, entry.name))] : [],
      );
    expect(readdirSync(authDir).toSorted()).toEqual([...NAMES, 'admin', 'viewer', 'system'].toSorted());
    const peers: Record<string, string[]> = {
      supervisor: ['policy-guard', 'tool-executor'],
      'policy-guard': ['supervisor', 'tool-executor'],
      'tool-executor': ['policy-guard', 'supervisor'],
    };
    for (const name of readdirSync(authDir)) {
      const signing = peers[name]?.map((peer) => `peers/${peer}.pem`).concat('signing-key.pem') ?? [];
      expect([name, ...filesOf(name).toSorted()]).toEqual([name, ...['nats.nk', ...signing].toSorted()]);
    }
  });

  it('hold the only secrets: the configuration has public keys and no seed', () => {
    expect(config).not.toMatch(/\bSU[A-Z0-9]{56}\b/);
    expect(config).not.toContain('PRIVATE KEY');
  });
});
