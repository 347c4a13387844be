import { afterEach, describe, expect, it } from 'vitest';
import { runIdOf } from '@troupe/actor';
import { connectAs } from '@troupe/nats';
import { installedRoles } from '@troupe/scripts/roles';
import { subjects } from '@troupe/contract';
import { readCompose } from './compose.fixture.ts';
import { Production, says } from './production.fixture.ts';

const ID = 'production';
const RUN = runIdOf({ tenant: 'default', id: ID, seq: 0, at: 0 });
const GOAL = 'What do refunds cost?';
const installed = await installedRoles();
const roles = installed.map(({ declaration }) => declaration.name).filter((name) => name in readCompose().services);

const takesMail = (role: string): boolean =>
  installed.some(({ declaration: { name, consumes } }) => name === role && Object.keys(consumes).length > 0);

let production: Production | undefined;
afterEach(async () => {
  await production?.stop();
  production = undefined;
});

describe('what docker-compose.yml starts', () => {
  it('completes a run, although each process has only the credentials that are given to it', async () => {
    production = await Production.prepare();
    production.startServer();
    expect(production.operate('deploy/nats/topology.ts')).toBe(`${installed.length} roles, 0 differences\n`);
    await Promise.all(roles.map((name) => says(started(name), '"msg":"ready"')));
    const viewer = await connectAs('viewer', { url: production.url, authDir: production.authDir });
    try {
      const stored = await viewer.nc.request(subjects.goals('default'), JSON.stringify({ goal: GOAL, id: ID }));
      expect(stored.json()).toMatchObject({ stream: 'GOALS' });
      const status = async () => {
        // A supervisor that has just started may not listen yet.
        const reply = await viewer.nc.request(subjects.api('default', 'result'), RUN).catch(() => undefined);
        return reply?.json<{ status?: string }>().status;
      };
      await expect.poll(status, { timeout: 15_000 }).toBe('completed');
    } finally {
      await viewer.nc.close();
    }
    const table = production.operate('deploy/nats/consumers.ts');
    for (const name of roles.filter((role) => takesMail(role))) {
      for (const stream of viewer.layout.streams) expect(table).toMatch(new RegExp(`^${stream} +${name} +0 +0 `, 'm'));
    }
    expect(production.operate('deploy/nats/dead-letters.ts')).toBe('0 dead letters\n');
  });

  it('says what differs from the declarations, and leaves it as it is', async () => {
    production = await Production.prepare();
    production.startServer();
    production.operate('deploy/nats/topology.ts');
    const admin = await connectAs('admin', { url: production.url, authDir: production.authDir });
    const config = { durable_name: 'writer', ack_policy: 'explicit', filter_subject: subjects.mailbox('writer', 1) };
    const made = await admin.nc.request(
      '$JS.API.CONSUMER.CREATE.RUNS_1.writer',
      JSON.stringify({ stream_name: 'RUNS_1', config: { ...config, ack_wait: 30e9, max_ack_pending: 50_000 } }),
    );
    await admin.nc.close();
    expect(made.json()).not.toHaveProperty('error');
    const line =
      'consumer RUNS_1/writer has ack_wait 30000000000, this version declares 5000000000; it was left as it is';
    expect(production.operate('deploy/nats/topology.ts')).toContain(line);
    expect(production.operate('deploy/nats/topology.ts')).toContain(line);
  });

  it('shows a poison message among the dead letters, with the reason', async () => {
    production = await Production.prepare();
    production.startServer();
    production.operate('deploy/nats/topology.ts');
    const admin = await connectAs('admin', { url: production.url, authDir: production.authDir });
    await admin.nc.request(subjects.cancel('default', 'not-a-run'), '{}');
    await admin.nc.close();
    await says(started('supervisor'), 'moved to the dead letters');
    const letters = () => production?.operate('deploy/nats/dead-letters.ts');
    await expect
      .poll(letters, { timeout: 10_000 })
      .toMatch(/supervisor {2}troupe\.cancel\.default\.not-a-run \(sequence 1\)\n.*run ID/);
  });
});

function started(name: string) {
  if (production === undefined) throw new Error('nothing is started');
  return production.start(name);
}
