import { declareRole, WORKERS, type RoleDeclaration } from '@troupe/actor';
import { LogLayout } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { accessOf } from './access.ts';
import { clientName } from './credentials.ts';
import { renderServerConfig } from './server-config.ts';

const leader = declareRole({
  name: 'leader',
  kind: 'agent',
  description: 'Leads.',
  scope: 'run',
  consumes: { 'task.completed': [WORKERS] },
  emits: { 'task.assigned': [WORKERS] },
  takesGoals: true,
  servesApi: true,
});
const digger = declareRole({
  name: 'digger',
  kind: 'worker',
  description: 'Digs.',
  scope: 'task',
  consumes: { 'task.assigned': ['leader'] },
  emits: { 'task.completed': ['leader'], noted: ['log'] },
  asksModels: true,
});
const judge = declareRole({ ...digger, name: 'judge-2', kind: 'reviewer', emits: { 'task.completed': ['leader'] } });
const oracle = declareRole({
  name: 'llm-gateway',
  kind: 'gateway',
  description: 'Answers.',
  scope: 'task',
  consumes: {},
  emits: {},
  answersQuestions: true,
});
const ROLES: readonly RoleDeclaration[] = [leader, digger, judge, oracle];

const layout = new LogLayout(2);
const access = (role: RoleDeclaration) => accessOf(layout, role, ROLES);
const subjectsOf = (role: RoleDeclaration) => access(role).imports.map(({ subject }) => subject);

describe('the access of a role', () => {
  it('to write is to those whom it declares, as itself', () => {
    expect(subjectsOf(digger).filter((subject) => subject.startsWith('troupe.runs'))).toEqual([
      'troupe.runs.*.*.*.*.digger.leader.*',
      'troupe.runs.*.*.*.*.digger.log.*',
    ]);
  });

  it('to write to workers is to every worker and reviewer that there is, and to no other role', () => {
    expect(subjectsOf(leader).filter((subject) => subject.startsWith('troupe.runs'))).toEqual([
      'troupe.runs.*.*.*.*.leader.digger.*',
      'troupe.runs.*.*.*.*.leader.judge-2.*',
      'troupe.runs.*.*.*.*.intake.leader.*',
    ]);
  });

  it('to write as the intake is to itself, and of who takes goals alone', () => {
    for (const role of ROLES) {
      const asIntake = subjectsOf(role).filter((subject) => subject.includes('.intake.'));
      expect(asIntake).toEqual(role.takesGoals ? [`troupe.runs.*.*.*.*.intake.${role.name}.*`] : []);
    }
  });

  it('to consume is to its own consumer in each shard', () => {
    const consuming = subjectsOf(digger).filter((subject) => /MSG\.NEXT|JS\.ACK/.test(subject));
    expect(consuming).toEqual([
      '$JS.API.CONSUMER.MSG.NEXT.RUNS_0.digger',
      '$JS.ACK.RUNS_0.digger.>',
      '$JS.API.CONSUMER.MSG.NEXT.RUNS_1.digger',
      '$JS.ACK.RUNS_1.digger.>',
    ]);
  });

  it('to timers is to a consumer for each shard: they are all in one stream', () => {
    const timers = subjectsOf(leader).filter((subject) => subject.includes('TIMERS'));
    expect(timers).toEqual([
      '$JS.API.CONSUMER.MSG.NEXT.TIMERS.leader_0',
      '$JS.ACK.TIMERS.leader_0.>',
      '$JS.API.CONSUMER.MSG.NEXT.TIMERS.leader_1',
      '$JS.ACK.TIMERS.leader_1.>',
    ]);
  });

  it('to history is to what it wrote and received, in each shard by the stream of that shard', () => {
    const history = subjectsOf(digger).filter((subject) => subject.includes('DIRECT.GET'));
    expect(history).toEqual([
      '$JS.API.DIRECT.GET.RUNS_0.troupe.runs.0.*.*.*.digger.*.*',
      '$JS.API.DIRECT.GET.RUNS_0.troupe.runs.0.*.*.*.*.digger.*',
      '$JS.API.DIRECT.GET.RUNS_1.troupe.runs.1.*.*.*.digger.*.*',
      '$JS.API.DIRECT.GET.RUNS_1.troupe.runs.1.*.*.*.*.digger.*',
    ]);
  });

  it('to goals, timers and cancels is given by declaration alone', () => {
    const special = (role: RoleDeclaration) =>
      subjectsOf(role).filter((subject) => /GOALS|goals|timers|cancel/.test(subject));
    expect(special(leader)).toContain('$JS.API.DIRECT.GET.GOALS');
    expect(special(leader)).toContain('troupe.timers.*.*.leader.*');
    expect(special(digger)).toEqual([]);
  });

  it('to a model is to ask, and to hear who lives and has its questions; to answer is the gateway’s', () => {
    expect(access(digger).serves).toEqual([]);
    expect(access(digger).listens).toEqual([
      { from: 'llm-gateway', subject: 'troupe.model.alive' },
      { from: 'llm-gateway', subject: 'troupe.model.taken.digger' },
    ]);
    expect(access(digger).broadcasts).not.toContain('troupe.model.alive');
    expect(access(oracle)).toMatchObject({
      serves: ['troupe.model.ask.*.*', 'troupe.model.again.*.*.*'],
      broadcasts: ['troupe.model.alive', 'troupe.model.taken.digger', 'troupe.model.taken.judge-2'],
      imports: [],
    });
  });

  it('to tell how late its mail is has who gets any, and to hear it who takes goals', () => {
    for (const role of [digger, judge]) expect(access(role).broadcasts).toEqual(['troupe.delays']);
    for (const role of [leader, oracle]) expect(access(role).broadcasts).not.toContain('troupe.delays');
    const heard = ['digger', 'judge-2'].map((from) => ({ from, subject: 'troupe.delays' }));
    expect(access(leader).listens).toEqual(heard);
    // Nobody takes goals: there is nobody to tell.
    expect(accessOf(layout, digger, [digger, oracle]).broadcasts).toEqual([]);
  });

  it('to cancels is to a consumer of their own: they do not wait behind goals', () => {
    expect(subjectsOf(leader)).toContain('$JS.API.CONSUMER.MSG.NEXT.GOALS.leader_cancels');
    expect(subjectsOf(digger).filter((subject) => subject.includes('_cancels'))).toEqual([]);
  });

  it('to ask a model is under its own name alone, for whatever tenant', () => {
    const asks = (role: RoleDeclaration) => access(role).imports.filter(({ from }) => from === 'llm-gateway');
    for (const role of [digger, judge])
      expect(asks(role)).toEqual([
        { from: 'llm-gateway', subject: `troupe.model.ask.*.${role.name}`, replies: 'one' },
        { from: 'llm-gateway', subject: `troupe.model.again.*.*.${role.name}`, replies: 'one' },
      ]);
    expect([...asks(leader), ...asks(oracle)]).toEqual([]);
  });

  it('is an account of its own, whose name is valid', () => {
    expect(access(judge).account).toBe('ROLE_judge_2');
  });
});

describe('a server’s configuration', () => {
  const settings = {
    host: '127.0.0.1',
    port: 4222,
    storeDir: '/tmp/a "b"',
    sync: 'always',
    maxStoreBytes: 1,
    openToClients: true,
  };
  const tenants = ['default', 'acme', 'acme-two'];
  const operators = ['admin', 'viewer', 'system', ...tenants.map(clientName)];
  const keys = Object.fromEntries([...ROLES.map(({ name }) => name), ...operators].map((name) => [name, `U-${name}`]));
  const credentials = { keys, shards: 2, tenants };
  /** The block of one account. */
  const account = (name: string): string =>
    new RegExp(`^  ${name} \\{$.*?^  \\}$`, 'ms').exec(renderServerConfig(settings, ROLES, credentials))?.[0] ?? '';

  it('is not made when a role or a tenant has no key', () => {
    for (const name of ['digger', 'tenant.acme']) {
      const rest = Object.fromEntries(Object.entries(keys).filter(([owner]) => owner !== name));
      expect(() => renderServerConfig(settings, ROLES, { ...credentials, keys: rest })).toThrow(`no key for "${name}"`);
    }
  });

  it('keeps the way back of a question for as long as a question may be open, and for one answer', () => {
    const services = account('ROLE_llm_gateway').match(/\{ service: "troupe\.model\.a[^}]*\}/g) ?? [];
    expect(services).toHaveLength(4);
    for (const service of services) {
      expect(service).toContain('threshold: "3600s"');
      expect(service).not.toContain('response_type: stream');
    }
  });

  it.each([
    ['default', 'CLIENT'],
    ['acme', 'TENANT_acme'],
    ['acme-two', 'TENANT_acme_two'],
  ])('gives the clients of the tenant %s what is theirs, and nothing of another tenant', (tenant, name) => {
    const imports = [...account(name).matchAll(/\{ (service|stream): \{ account: (\w+), subject: "([^"]+)"/g)];
    expect(imports.map(([, kind, from, subject]) => `${kind} ${from} ${subject}`)).toEqual([
      `service BUS troupe.goals.${tenant}`,
      `stream BUS troupe.results.${tenant}.>`,
      `service ROLE_leader troupe.api.${tenant}.>`,
    ]);
    expect(account(name)).toContain(`nkey: U-tenant.${tenant},`);
    for (const allowed of account(name).matchAll(/publish: \{ allow: (\[.*?\]) \}, subscribe: \{ allow: (\[.*?\]) \}/g))
      expect(allowed.slice(1).map((list) => JSON.parse(list))).toEqual([
        [`troupe.goals.${tenant}`, `troupe.api.${tenant}.>`],
        ['_INBOX.>', `troupe.results.${tenant}.>`],
      ]);
  });

  it('lets nobody come without credentials for another tenant than the default one', () => {
    for (const name of ['TENANT_acme', 'TENANT_acme_two']) expect(account(name)).not.toContain('user: client');
    expect(account('CLIENT')).toContain('user: client');
  });

  it('lets people in without credentials only when it is said so', () => {
    expect(renderServerConfig(settings, ROLES, credentials)).toContain('no_auth_user');
    expect(renderServerConfig({ ...settings, openToClients: false }, ROLES, credentials)).not.toContain('no_auth_user');
  });

  it('gives the admin’s account a service for each shard that there is, and for no other', () => {
    const config = renderServerConfig(settings, ROLES, credentials);
    const streams = [...config.matchAll(/DIRECT\.GET\.(RUNS\w*)/g)].map(([, stream]) => stream);
    expect(new Set(streams)).toEqual(new Set(['RUNS_0', 'RUNS_1']));
  });

  it('quotes what comes from outside', () => {
    expect(renderServerConfig(settings, ROLES, credentials)).toContain(String.raw`store_dir: "/tmp/a \"b\""`);
  });
});
