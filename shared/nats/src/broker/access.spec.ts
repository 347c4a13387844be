import { declareRole, WORKERS, type RoleDeclaration } from '@troupe/actor';
import { describe, expect, it } from 'vitest';
import { accessOf } from './access.ts';
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

const subjectsOf = (role: RoleDeclaration) => accessOf(role, ROLES).imports.map(({ subject }) => subject);

describe('the access of a role', () => {
  it('to write is to those whom it declares, as itself', () => {
    expect(subjectsOf(digger).filter((subject) => subject.startsWith('troupe.runs'))).toEqual([
      'troupe.runs.*.*.digger.leader.*',
      'troupe.runs.*.*.digger.log.*',
    ]);
  });

  it('to write to workers is to every worker and reviewer that there is, and to no other role', () => {
    expect(subjectsOf(leader).filter((subject) => subject.startsWith('troupe.runs'))).toEqual([
      'troupe.runs.*.*.leader.digger.*',
      'troupe.runs.*.*.leader.judge-2.*',
    ]);
  });

  it('to consume is to its own consumer', () => {
    const consuming = subjectsOf(digger).filter((subject) => /MSG\.NEXT|JS\.ACK/.test(subject));
    expect(consuming).toEqual(['$JS.API.CONSUMER.MSG.NEXT.RUNS.digger', '$JS.ACK.RUNS.digger.>']);
  });

  it('to goals, timers and cancels is given by declaration alone', () => {
    const special = (role: RoleDeclaration) =>
      subjectsOf(role).filter((subject) => /GOALS|goals|timers|cancel/.test(subject));
    expect(special(leader)).toContain('$JS.API.DIRECT.GET.GOALS');
    expect(special(leader)).toContain('troupe.timers.leader.*');
    expect(special(digger)).toEqual([]);
  });

  it('to a model is to ask, and to hear who lives; to answer is the gateway’s', () => {
    expect(accessOf(digger, ROLES)).toMatchObject({ serves: [], broadcasts: [], listens: [{ from: 'llm-gateway' }] });
    expect(accessOf(oracle, ROLES)).toMatchObject({
      serves: ['troupe.model.ask'],
      broadcasts: ['troupe.model.alive'],
      imports: [],
    });
  });

  it('is an account of its own, whose name is valid', () => {
    expect(accessOf(judge, ROLES).account).toBe('ROLE_judge_2');
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
  const keys = Object.fromEntries(
    [...ROLES.map(({ name }) => name), 'admin', 'viewer', 'system'].map((name) => [name, `U-${name}`]),
  );

  it('is not made when a role has no key', () => {
    const { digger: _missing, ...rest } = keys;
    expect(() => renderServerConfig(settings, ROLES, rest)).toThrow(/no key for "digger"/);
  });

  it('lets people in without credentials only when it is said so', () => {
    expect(renderServerConfig(settings, ROLES, keys)).toContain('no_auth_user');
    expect(renderServerConfig({ ...settings, openToClients: false }, ROLES, keys)).not.toContain('no_auth_user');
  });

  it('quotes what comes from outside', () => {
    expect(renderServerConfig(settings, ROLES, keys)).toContain(String.raw`store_dir: "/tmp/a \"b\""`);
  });
});
