import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runIdOf } from '@troupe/actor';
import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { connectAs, readStored } from '@troupe/nats';
import { Cluster } from '@troupe/scripts/cluster';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attempt, must } from './secured-bus.fixture.ts';

const DOCS = join(import.meta.dirname, '..', 'fixtures', 'docs');
const ENDED_MS_MAX = 15_000;
const GOAL = 'What does the report say about durable logs?';

const Created = z.object({ runId: z.uuid() });

let dataDir: string;
let cluster: Cluster;
let acme: NatsConnection;
let globex: NatsConnection;
let stranger: NatsConnection;

/** As a client of a tenant connects, with the key that the operator has given to it. */
const clientOf = (tenant: string): Promise<NatsConnection> =>
  connect({
    servers: cluster.server.url,
    authenticator: nkeyAuthenticator(readFileSync(join(cluster.server.authDir, `tenant.${tenant}`, 'nats.nk'))),
  });

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-tenants-'));
  const env = {
    TROUPE_DOCS: DOCS,
    TROUPE_MODEL_PROVIDER: 'scripted',
    TROUPE_LOG_LEVEL: 'warn',
    TROUPE_ARCHIVE_KEEP_MS: '1000',
  };
  const tenants = ['acme', 'globex'];
  const natsPort = await getPort();
  cluster = await Cluster.start({ dataDir, natsPort, sync: '2m', replicas: 1, metricsPort: 0, env, tenants });
  [acme, globex] = [await clientOf('acme'), await clientOf('globex')];
  stranger = await connect({ servers: cluster.server.url });
}, 60_000);
afterAll(async () => {
  for (const nc of [acme, globex, stranger]) await nc?.close();
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const api = async (nc: NatsConnection, tenant: string, name: string, payload: string): Promise<unknown> =>
  (await must(nc, `troupe.api.${tenant}.runs.${name}`, payload)).json();

const create = async (nc: NatsConnection, tenant: string, goal: object): Promise<string> =>
  Created.parse(await api(nc, tenant, 'create', JSON.stringify(goal))).runId;

const ended = (nc: NatsConnection, tenant: string, run: string) =>
  expect.poll(() => api(nc, tenant, 'result', run), { timeout: ENDED_MS_MAX });

const withHeaders = (given: Record<string, string>): MsgHdrs => {
  const made = headers();
  for (const [name, value] of Object.entries(given)) made.set(name, value);
  return made;
};

/** What the log has of a run. */
async function subjectsOf(run: string): Promise<string[]> {
  const viewer = await connectAs('viewer', cluster.server);
  const { layout } = viewer;
  const subjects: string[] = [];
  const query = { stream: layout.streamOf(run), subject: layout.runOfAnybody(run), fromSeq: 1 };
  for await (const { subject } of readStored(viewer, query)) subjects.push(subject);
  await viewer.nc.close();
  return subjects;
}

/** An ID that nobody has, of the same length. */
const runAfter = (run: string): string => run.slice(0, -1) + (run.endsWith('0') ? '1' : '0');

async function streamOf(name: string): Promise<StreamInfo> {
  const admin = await connectAs('admin', cluster.server);
  const info = await (await jetstreamManager(admin.nc)).streams.info(name);
  await admin.nc.close();
  return info;
}

/** What a connection hears there; the subjects are its own, or the server refuses them. */
function listen(nc: NatsConnection, subject: string): string[] {
  const heard: string[] = [];
  nc.subscribe(subject, { callback: (error, message) => void heard.push(error?.message ?? message.subject) });
  return heard;
}

describe('given two tenants with keys of their own', () => {
  it('when one publishes a goal, then it hears the result, and neither the other nor a stranger does', async () => {
    const [own, others, strangers] = [
      listen(acme, 'troupe.results.acme.>'),
      listen(globex, 'troupe.results.globex.>'),
      listen(stranger, 'troupe.results.default.>'),
    ];
    await must(acme, 'troupe.goals.acme', JSON.stringify({ goal: GOAL, id: 'heard' }));
    const run = runIdOf({ tenant: 'acme', id: 'heard', seq: 0, at: 0 });
    await expect.poll(() => own, { timeout: ENDED_MS_MAX }).toHaveLength(1);
    expect(own[0]).toMatch(new RegExp(`^troupe\\.results\\.acme\\.${run}\\.run\\.\\d+$`));
    await globex.flush();
    await stranger.flush();
    expect([...others, ...strangers]).toEqual([]);
  });

  it.each([
    'troupe.results.acme.>',
    'troupe.results.>',
    'troupe.runs.>',
    'troupe.goals.>',
    'troupe.api.>',
    'troupe.archive.>',
    'troupe.delays',
    '>',
  ])('when the other listens to %s, then the server refuses it', async (subject) => {
    for (const nc of [globex, stranger]) {
      const heard = listen(nc, subject);
      await expect.poll(() => heard).toEqual([expect.stringContaining('ermissions')]);
    }
  });

  it.each([
    'troupe.goals.acme',
    'troupe.goals.default',
    'troupe.cancel.acme.x',
    'troupe.cancel.globex.x',
    'troupe.api.acme.runs.create',
    'troupe.api.acme.runs.result',
    'troupe.model.ask.globex.writer',
    'troupe.runs.0.globex.x.t1.writer.supervisor.0',
    '$JS.API.STREAM.INFO.RUNS_0',
    '$JS.API.DIRECT.GET.RUNS_0',
    '$JS.API.CONSUMER.CREATE.GOALS',
    '$JS.API.DIRECT.GET.ARCHIVE',
    '$JS.API.DIRECT.GET.ARCHIVE.troupe.archive.acme.x.0',
    'troupe.archive.globex.x.0',
    'troupe.store.delete.ARCHIVE',
    'troupe.store.delete.GOALS_globex',
    'troupe.delays',
    'troupe.replicas.supervisor',
  ])('when the other publishes to %s, then the server refuses it', async (subject) => {
    expect(await attempt(globex, subject, '{}')).toMatchObject({ kind: 'refused' });
  });

  it('when the other asks for a run by its ID, then there is none for it: nothing is read, nothing is cancelled', async () => {
    const run = await create(acme, 'acme', { goal: GOAL });
    const none = { error: `There is no run ${run}.` };
    expect(await api(globex, 'globex', 'result', run)).toEqual(none);
    expect(await api(globex, 'globex', 'cancel', run)).toEqual(none);
    expect(await api(stranger, 'default', 'cancel', run)).toEqual(none);
    await ended(acme, 'acme', run).toMatchObject({ status: 'completed' });
    expect(await api(globex, 'globex', 'result', run)).toEqual(none);
  });

  it('when a run of one is in the archive alone, then the other gets nothing of it, and its owner the result', async () => {
    const run = await create(acme, 'acme', { goal: GOAL });
    await ended(acme, 'acme', run).toMatchObject({ status: 'completed' });
    const inLog = async () => (await subjectsOf(run)).length;
    await expect.poll(inLog, { timeout: ENDED_MS_MAX }).toBe(0);
    expect(await api(acme, 'acme', 'result', run)).toMatchObject({ runId: run, status: 'completed' });
    for (const ask of ['result', 'cancel'])
      expect(await api(globex, 'globex', ask, run)).toEqual({ error: `There is no run ${run}.` });
    expect(await api(globex, 'globex', 'result', runAfter(run))).toEqual({
      error: `There is no run ${runAfter(run)}.`,
    });
  });

  it('when both use the same id, then each has a run of its own', async () => {
    const [first, second] = [
      await create(acme, 'acme', { goal: GOAL, id: 'same' }),
      await create(globex, 'globex', { goal: `${GOAL} For globex.`, id: 'same' }),
    ];
    expect(first).not.toBe(second);
    await ended(acme, 'acme', first).toMatchObject({ goal: GOAL, status: 'completed' });
    await ended(globex, 'globex', second).toMatchObject({ goal: `${GOAL} For globex.`, status: 'completed' });
  });

  it('when the other has an answer sent to where results are heard, then nobody hears it', async () => {
    const heard = listen(acme, 'troupe.results.acme.>');
    globex.publish('troupe.api.globex.runs.create', '{}', { reply: 'troupe.results.acme.x' });
    globex.publish('troupe.goals.globex', '{"goal":"g"}', { reply: 'troupe.results.acme.x.run.0' });
    // What was sent before it has been answered when this is.
    await api(globex, 'globex', 'result', '01990000-0000-7000-8000-0000000000aa');
    await acme.flush();
    expect(heard).toEqual([]);
  });

  it('when both number their messages alike, then each has its goal stored, and neither learns the other’s numbers', async () => {
    const id = (value: string) => withHeaders({ 'Nats-Msg-Id': value });
    for (const [nc, tenant] of [[globex, 'globex'] as const, [acme, 'acme'] as const]) {
      const ack = await attempt(nc, `troupe.goals.${tenant}`, JSON.stringify({ goal: GOAL }), id('order-1'));
      expect(ack.kind === 'reply' && ack.message.json()).not.toHaveProperty('duplicate');
    }
    const asked = withHeaders({ 'Nats-Expected-Last-Msg-Id': 'x' });
    await attempt(acme, 'troupe.goals.acme', '{"goal":"g"}', id('acme-secret-7'));
    const told = await attempt(globex, 'troupe.goals.globex', '{"goal":"g"}', asked);
    expect(told.kind === 'reply' && told.message.string()).toContain('order-1');
    expect(told.kind === 'reply' && told.message.string()).not.toContain('acme-secret');
    const sequence = withHeaders({
      'Nats-Expected-Last-Subject-Sequence': '999',
      'Nats-Expected-Last-Subject-Sequence-Subject': 'troupe.goals.acme',
    });
    const refused = await attempt(globex, 'troupe.goals.globex', '{"goal":"g"}', sequence);
    // Of a subject that its own stream does not have, the server knows nothing.
    expect(refused.kind === 'reply' && refused.message.string()).toContain('wrong last sequence: 0');
  });

  it('when one fills its stream of goals, then the other’s takes goals as before', async () => {
    const large = JSON.stringify({ goal: GOAL, padding: 'x'.repeat(60_000) });
    const { config } = await streamOf('GOALS_globex');
    const filling = Math.ceil(config.max_bytes / large.length) + 1;
    for (let sent = 0; sent < filling; sent += 1) globex.publish('troupe.goals.globex', large);
    const full = await attempt(globex, 'troupe.goals.globex', large);
    expect(full.kind === 'reply' && full.message.string()).toContain('maximum bytes exceeded');
    expect((await must(acme, 'troupe.goals.acme', '{"goal":"g"}')).json()).toMatchObject({ stream: 'GOALS_acme' });
  }, 60_000);
});
