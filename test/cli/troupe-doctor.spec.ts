import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import {
  type Bus,
  connectAs,
  type EmbeddedServer,
  ensureTopology,
  findServerBinary,
  startEmbeddedServer,
} from '@troupe/nats';
import { installedRoles } from '@troupe/scripts/roles';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { examine, findings } from './doctor.fixture.ts';

const ROLES = (await installedRoles()).map(({ declaration }) => declaration);
const SHARDS = 2;

let dataDir: string;
let server: EmbeddedServer;
let admin: Bus;
let manager: JetStreamManager;
let env: Record<string, string>;

// Each examination starts two processes, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'troupe-doctor-'));
  server = await startEmbeddedServer({ dataDir, port: await getPort(), sync: '2m', shards: SHARDS }, ROLES);
  env = { NATS_URL: server.url, TROUPE_AUTH_DIR: server.authDir };
  admin = await connectAs('admin', server);
  manager = await jetstreamManager(admin.nc);
  await ensureTopology(admin, ROLES, { replicas: 1 });
});
afterAll(async () => {
  await admin.nc.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const mailboxes = async () => (await manager.streams.info('RUNS_1')).state.consumer_count;

/** Messages in all streams. */
async function stored(): Promise<number> {
  let messages = 0;
  for await (const { state } of manager.streams.list()) messages += state.messages;
  return messages;
}

describe('the doctor of a company whose server is as declared', () => {
  it('finds nothing wrong, line by line, and exits with 0', async () => {
    const { code, out, err } = await examine([], env);
    expect([code, out]).toEqual([0, expect.not.stringContaining('failed')]);
    expect(out).toMatch(/^ok +node +Node \d+/m);
    expect(out).toMatch(/^(ok|note) +disk +\d+\.\d GB are free in .+ \(median of \d+, the slowest /m);
    expect(out).toMatch(/^ok +credentials +\d+ identities in /m);
    expect(out).toMatch(/^ok +nats +NATS 2\.\d+\.\d+ at nats:.+ JetStream is on$/m);
    expect(out).toMatch(/^ok +streams +6 streams and the mailboxes of \d+ roles are as declared$/m);
    expect(out).toMatch(/^ok +store +The fullest stream is \w+, at 0 %$/m);
    expect(out).toMatch(/^ok +clock +This machine and the broker agree/m);
    expect(out).toMatch(new RegExp(`^ok +permissions +${ROLES.length} roles got in, and none could`, 'm'));
    expect(out).toMatch(/^note +models +There is no key/m);
    expect(out).not.toContain('\u001b');
    expect(err).toBe(`Connecting to ${server.url} …\n9 checks, nothing failed\n`);
  });

  it('leaves nothing behind, on the disk or in the streams', async () => {
    const before = [await mailboxes(), readdirSync(dataDir), await stored()];
    await findings([], env);
    expect([await mailboxes(), readdirSync(dataDir), await stored()]).toEqual(before);
  });

  it('is told what was measured, as JSON', async () => {
    const found = await findings([], env);
    expect(found.get('disk')?.facts).toMatchObject({
      freeBytes: expect.any(Number),
      writes: expect.any(Number),
      syncMs: expect.any(Number),
    });
    expect(found.get('clock')?.facts).toEqual({ brokerAheadMs: expect.any(Number) });
    expect(found.get('streams')?.facts).toEqual({ streams: 6, replicas: 1, drift: 0 });
  });
});

describe('the doctor finds', () => {
  it('a server that is not there, and says how to start it; what needs one is left out', async () => {
    const found = await findings([], { ...env, NATS_URL: 'nats://127.0.0.1:1' });
    expect(found.get('nats')).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('Nobody answers at nats://127.0.0.1:1'),
      change: expect.stringContaining('npm start'),
    });
    expect([...found.keys()]).toEqual(['node', 'disk', 'credentials', 'nats', 'models']);
  });

  it('credentials that are not there', async () => {
    const found = await findings([], { ...env, TROUPE_AUTH_DIR: '/nowhere/auth' });
    expect(found.get('credentials')).toMatchObject({ verdict: 'failed', change: expect.stringContaining('nats-auth') });
    expect(found.get('disk')).toMatchObject({ verdict: 'note', says: expect.stringContaining('npm start makes it') });
  });

  it('credentials of another server', async () => {
    const other = mkdtempSync(join(tmpdir(), 'troupe-doctor-other-'));
    const foreign = await startEmbeddedServer({ dataDir: other, port: await getPort(), sync: '2m' }, ROLES);
    await foreign.stop();
    const found = await findings([], { ...env, TROUPE_AUTH_DIR: foreign.authDir });
    rmSync(other, { recursive: true });
    expect(found.get('nats')).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('does not accept the credentials'),
      change: expect.stringContaining('Set TROUPE_AUTH_DIR'),
    });
  });

  it('the seed of one role that the server does not know', async () => {
    const folder = join(server.authDir, 'writer');
    const away = join(dataDir, 'writer-away');
    renameSync(folder, away);
    const none = await findings([], env);
    renameSync(away, folder);
    expect(none.get('credentials')?.says).toMatch(/There are no credentials in .+ for writer$/);
    expect(none.get('permissions')).toMatchObject({
      verdict: 'failed',
      says: expect.stringMatching(/^writer is not let in: There are no credentials for "writer"/),
    });
  });

  it('keys that others may read, and changes nothing', async () => {
    const file = join(server.authDir, 'critic', 'nats.nk');
    chmodSync(file, 0o644);
    const found = await findings([], env);
    const { mode } = statSync(file);
    chmodSync(file, 0o600);
    expect(found.get('credentials')).toEqual({
      check: 'credentials',
      verdict: 'failed',
      says: `Others on this machine may read or change critic/nats.nk in ${server.authDir}`,
      change: `chmod -R go= ${server.authDir}`,
    });
    expect(mode & 0o777).toBe(0o644);
  });

  it('a stream that was changed by hand', async () => {
    const { config } = await manager.streams.info('RUNS_0');
    await manager.streams.update('RUNS_0', { ...config, discard: 'old', discard_new_per_subject: false });
    const found = await findings([], env);
    expect((await manager.streams.info('RUNS_0')).config.discard).toBe('old');
    await manager.streams.update('RUNS_0', config);
    expect(found.get('streams')).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('discard of the stream RUNS_0 is "old" instead of "new"'),
      change: expect.stringContaining('deploy/runbooks/drift.md'),
    });
  });

  it('copies of the streams that the server cannot have, and names the setting', async () => {
    const cluster = { ...env, TROUPE_STREAM_REPLICAS: '3' };
    expect((await findings([], cluster)).get('nats')?.says).toContain('is not in a cluster');
    const wrong = { ...env, TROUPE_STREAM_REPLICAS: '2' };
    expect((await findings([], wrong)).get('nats')?.says).toContain('TROUPE_STREAM_REPLICAS: must be 1, 3, 5');
  });

  it('a mailbox and a stream that are missing, and makes neither', async () => {
    await manager.consumers.delete('RUNS_1', 'critic');
    const before = await mailboxes();
    const noMailbox = await findings([], env);
    expect(noMailbox.get('streams')).toMatchObject({ verdict: 'failed', says: 'There is no mailbox for critic' });
    expect(await mailboxes()).toBe(before);
    await manager.streams.delete('DEAD');
    const noStream = await findings([], env);
    expect(noStream.get('streams')).toMatchObject({ verdict: 'failed', says: 'DEAD is missing' });
    await ensureTopology(admin, ROLES, { replicas: 1 });
    expect((await findings([], env)).get('streams')?.verdict).toBe('ok');
  });

  it('a data folder that nothing can be written to', async () => {
    const found = await findings([], { ...env, TROUPE_AUTH_DIR: '/proc/auth' });
    expect(found.get('disk')).toMatchObject({ verdict: 'failed', says: expect.stringContaining('"/proc"') });
  });

  it('a server without accounts, where every role may do everything', async () => {
    const port = await getPort();
    const store = mkdtempSync(join(tmpdir(), 'troupe-doctor-open-'));
    const open = spawn(
      findServerBinary(process.env['TROUPE_NATS_SERVER']),
      ['-js', '-sd', store, '-a', '127.0.0.1', '-p', String(port)],
      {
        stdio: 'ignore',
      },
    );
    const ended = once(open, 'exit');
    const url = `nats://127.0.0.1:${port}`;
    try {
      const bus = await connectAs('admin', { url, authDir: server.authDir }, true);
      await ensureTopology(bus, ROLES, { replicas: 1 });
      await bus.nc.close();
      const found = await findings([], { ...env, NATS_URL: `nats://somebody:secret@127.0.0.1:${port}` });
      expect(found.get('nats')).toMatchObject({ verdict: 'ok', says: expect.stringContaining(`at ${url}, `) });
      expect(found.get('streams')?.verdict).toBe('ok');
      expect(found.get('permissions')).toMatchObject({
        verdict: 'failed',
        says: expect.stringContaining('archiver was not refused to ask models as critic'),
        change: expect.stringContaining('nats-auth'),
      });
      expect(JSON.stringify([...found.values()])).not.toContain('secret');
    } finally {
      open.kill();
      await ended;
      rmSync(store, { recursive: true, force: true });
    }
  });
});
