import { goalsStream } from '@troupe/contract';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { WORKERS } from '@troupe/actor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAYOUT, NAMES, ROLES, type SecuredBus, startSecuredBus } from './secured-bus.fixture.ts';

const SHARDS = LAYOUT.streams.map((_, shard) => shard);
const TENANTS = ['acme', 'globex'];
const ALL_TENANTS = ['default', ...TENANTS];
/** Each tenant's goals are in a stream of their own. */
const GOALS = ALL_TENANTS.map(goalsStream);
let bus: SecuredBus;
let config: string;
beforeAll(async () => {
  bus = await startSecuredBus({ tenants: TENANTS });
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
  ({ name, emits, takesGoals }) =>
    [
      name,
      [
        ...new Set(
          Object.values(emits)
            .flat()
            .flatMap((party) => (party === WORKERS ? workers : [party]))
            .map((to) => `${name}.${to}`),
        ),
        ...(takesGoals === true ? [`intake.${name}`] : []),
      ],
    ] as const,
);

describe('the generated configuration', () => {
  it.each(declared)('lets %s write as itself to exactly those whom it declares, and what it takes in', (name, ways) => {
    const written = new Set(subjectsIn(accountOf(name)).filter((subject) => subject.startsWith('troupe.runs.')));
    const expected = ways.map((way) => `troupe.runs.*.*.*.*.${way}.*`);
    expect([...written].toSorted()).toEqual(expected.toSorted());
  });

  it.each(NAMES)('gives %s no wildcard that reaches further than one role', (name) => {
    const wide = subjectsIn(accountOf(name)).filter((subject) => subject.endsWith('>') || subject === '*');
    const expected = [
      `_INBOX_${name}.>`,
      ...[...LAYOUT.streams, ...GOALS].map((stream) => `$JS.ACK.${stream}.${name}.>`),
      ...GOALS.map((stream) => `$JS.ACK.${stream}.${name}_cancels.>`),
      ...SHARDS.map((shard) => `$JS.ACK.TIMERS.${name}_${shard}.>`),
      // Answers of those who serve: the server makes these subjects, one per question, inside the account.
      ...(name === 'supervisor' || name === 'llm-gateway' ? ['_R_.>'] : []),
      ...(name === 'supervisor' ? ['troupe.api.>', ...ALL_TENANTS.map((tenant) => `troupe.api.${tenant}.>`)] : []),
    ];
    expect(wide.filter((subject) => !expected.includes(subject))).toEqual([]);
  });

  it('lets roles read the log only where they are sender or receiver; the archiver reads all of it', () => {
    for (const name of NAMES.filter((each) => each !== 'archiver')) {
      const reads = subjectsIn(accountOf(name)).filter((subject) => subject.startsWith('$JS.API.DIRECT.GET.RUNS'));
      const own = SHARDS.flatMap((shard) => [
        `$JS.API.DIRECT.GET.RUNS_${shard}.troupe.runs.${shard}.*.*.*.${name}.*.*`,
        `$JS.API.DIRECT.GET.RUNS_${shard}.troupe.runs.${shard}.*.*.*.*.${name}.*`,
      ]);
      expect(reads.filter((subject) => !own.includes(subject))).toEqual([]);
    }
  });

  it.each(ROLES)('lets $name pull from its own consumers alone, in each shard', ({ name, consumes, takesGoals }) => {
    const pulls = subjectsIn(accountOf(name)).filter((subject) => subject.startsWith('$JS.API.CONSUMER.MSG.'));
    const own = [
      ...(Object.keys(consumes).length > 0 ? LAYOUT.streams.map((stream) => `${stream}.${name}`) : []),
      ...(takesGoals === true
        ? [
            ...GOALS.flatMap((stream) => [`${stream}.${name}`, `${stream}.${name}_cancels`]),
            ...SHARDS.map((shard) => `TIMERS.${name}_${shard}`),
          ]
        : []),
    ];
    expect([...new Set(pulls)].toSorted()).toEqual(own.map((one) => `$JS.API.CONSUMER.MSG.NEXT.${one}`).toSorted());
  });

  it('exports no service to everybody', () => {
    const services = config.split('\n').filter((line) => line.includes('{ service:') && !line.includes('account:'));
    expect(services.length).toBeGreaterThan(20);
    expect(services.filter((line) => !line.includes('accounts: ['))).toEqual([]);
  });

  it.each(ROLES)(
    'lets $name ask models under its own name, if it asks any, and under no other',
    ({ name, ...role }) => {
      const asks = subjectsIn(accountOf(name)).filter((subject) => subject.match(/^troupe\.model\.(ask|again)\./));
      const own = role.asksModels === true ? [`troupe.model.again.*.*.${name}`, `troupe.model.ask.*.${name}`] : [];
      const all = ROLES.filter(({ asksModels }) => asksModels).flatMap((asker) => [
        `troupe.model.ask.*.${asker.name}`,
        `troupe.model.again.*.*.${asker.name}`,
      ]);
      expect([...new Set(asks)].toSorted()).toEqual(
        role.answersQuestions === true ? ['troupe.model.ask.*.*', 'troupe.model.again.*.*.*', ...all].toSorted() : own,
      );
    },
  );

  it('lets those who have mail tell how late it is, and who takes goals hear it, and nobody else', () => {
    const takers = ROLES.filter(({ takesGoals }) => takesGoals).map(({ name }) => name);
    const tellers = ROLES.filter(({ consumes, takesGoals }) => takesGoals !== true && Object.keys(consumes).length > 0);
    const knows = NAMES.filter((name) => accountOf(name).includes('"troupe.delays"'));
    expect(knows.toSorted()).toEqual([...takers, ...tellers.map(({ name }) => name)].toSorted());
    const exported = [...config.matchAll(/\{ stream: "troupe\.delays", accounts: \[([^\]]*)\]/g)];
    const hearers = takers.map((name) => `ROLE_${name.replaceAll('-', '_')}`).join(', ');
    expect(exported.map(([, accounts]) => accounts)).toEqual(tellers.map(() => hearers));
  });

  it('offers the questions of each role to that role alone', () => {
    const exported = [...config.matchAll(/\{ service: "troupe\.model\.ask\.([^"]*)", accounts: \[([^\]]*)\]/g)];
    const askers = ROLES.filter(({ asksModels }) => asksModels).map(({ name }) => name);
    expect(exported.map(([, subject, accounts]) => `${subject} ${accounts}`).toSorted()).toEqual(
      askers.map((name) => `*.${name} ROLE_${name.replaceAll('-', '_')}`).toSorted(),
    );
  });

  it.each(ALL_TENANTS)(
    'gives the clients of %s the goals, the API and the results of that tenant, and nothing of another',
    (tenant) => {
      const name = tenant === 'default' ? 'CLIENT' : `TENANT_${tenant}`;
      const reach = new Set(subjectsIn(account(name)).filter((subject) => subject.startsWith('troupe.')));
      // All that would be answered where results are heard goes to where nobody may listen.
      const moved = ['troupe.results.>', 'troupe.misdirected.>'];
      const own = [`troupe.goals.${tenant}`, `troupe.api.${tenant}.>`, `troupe.results.${tenant}.>`];
      expect([...reach].filter((subject) => !moved.includes(subject)).toSorted()).toEqual(own.toSorted());
      const imported = account(name).slice(account(name).indexOf('imports:'));
      expect(subjectsIn(imported).toSorted()).toEqual(own.toSorted());
    },
  );

  it('lets nobody administer JetStream but the administrator; the archiver deletes what is archived or taken in', () => {
    const forbidden = /\$JS\.API\.(STREAM\.(?!INFO)|CONSUMER\.(CREATE|DURABLE|DELETE|PAUSE|UNPIN|RESET|LIST|NAMES))/;
    const found = config.split('\n').filter((line) => forbidden.test(line) || line.includes('"$JS.API.>"'));
    const deletes = [...LAYOUT.streams, ...GOALS].map((stream) => ['STREAM.MSG.DELETE', 'delete', stream]);
    const lists = GOALS.map((stream) => ['CONSUMER.LIST', 'consumers', stream]);
    const expected = [...deletes, ...lists].flatMap(([api, name, stream]) => [
      `{ service: "$JS.API.${api}.${stream}", accounts: [ROLE_archiver] }`,
      `{ service: { account: BUS, subject: "$JS.API.${api}.${stream}" }, to: "troupe.store.${name}.${stream}" }`,
    ]);
    expect(found.map((line) => line.trim().replace(/,$/, '')).toSorted()).toEqual(expected.toSorted());
  });

  it('lets the archiver write the archive, and nobody else; of the log it writes nothing', () => {
    const writers = NAMES.filter((name) => subjectsIn(accountOf(name)).includes('troupe.archive.*.*.*'));
    expect(writers).toEqual(['archiver']);
    expect(subjectsIn(accountOf('archiver')).filter((subject) => subject.startsWith('troupe.runs.'))).toEqual([]);
  });

  it('gives every identity a key of its own', () => {
    const keys = [...config.matchAll(/nkey: (U[A-Z0-9]{55})/g)].map(([, key]) => key);
    expect(keys).toHaveLength(NAMES.length + 3 + ALL_TENANTS.length);
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

  it('are in one folder per identity: a seed, the number of shards, and signing keys for those alone who sign or believe signatures', () => {
    const { authDir } = bus.server;
    const filesOf = (name: string) =>
      readdirSync(join(authDir, name), { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [relative(join(authDir, name), join(entry.parentPath, entry.name))] : [],
      );
    const clients = ALL_TENANTS.map((tenant) => `tenant.${tenant}`);
    const processes = [...NAMES, 'admin', 'viewer', 'system'];
    expect(readdirSync(authDir).toSorted()).toEqual([...processes, ...clients].toSorted());
    const peers: Record<string, string[]> = {
      supervisor: ['policy-guard', 'tool-executor'],
      'policy-guard': ['supervisor', 'tool-executor'],
      'tool-executor': ['policy-guard', 'supervisor'],
    };
    for (const name of clients) expect([name, ...filesOf(name)]).toEqual([name, 'nats.nk']);
    for (const name of processes) {
      const signing = peers[name]?.map((peer) => `peers/${peer}.pem`).concat('signing-key.pem') ?? [];
      expect([name, ...filesOf(name).toSorted()]).toEqual([
        name,
        ...['nats.nk', 'shards', 'tenants', ...signing].toSorted(),
      ]);
    }
  });

  it('hold the only secrets: the configuration has public keys and no seed', () => {
    expect(config).not.toMatch(/\bSU[A-Z0-9]{56}\b/);
    expect(config).not.toContain('PRIVATE KEY');
  });
});
