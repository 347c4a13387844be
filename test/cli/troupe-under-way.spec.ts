import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { RunId, STREAMS, subjects } from '@troupe/contract';
import { connectAs } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Command, DOCS, Place } from './command.fixture.ts';

const Created = z.object({ runId: RunId });
const tagOf = (run: string): string => `…${run.slice(-4)}`;

let place: Place;
let company: Command;

beforeAll(async () => {
  place = await Place.make();
  // A run asks its model seven times in a row: it is under way for 20 s unless somebody ends it.
  const env = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_SCRIPTED_LATENCY_MS: '3000', TROUPE_DRAIN_MS: '100' };
  company = place.start(['--no-example', '--docs', DOCS], env);
  await company.said(/Troupe is up/);
});

afterAll(async () => {
  await place.clear();
});

describe('a run that is under way', () => {
  let run: string;

  beforeAll(async () => {
    const command = place.troupe('run', 'Take your time', '--no-wait');
    await command.exited;
    run = command.out.trim();
    await company.said(new RegExp(`^${tagOf(run)} .*plans 3 tasks`, 'm'));
  });

  it('is listed as running and has no result yet', async () => {
    const [listed, result] = [place.troupe('runs'), place.troupe('result', run)];
    expect(await result.exited).toBe(1);
    expect(result.err).toMatch(/^The run .* has not ended yet/);
    await listed.exited;
    expect(listed.out).toMatch(new RegExp(`^${run}  .*  running `, 'm'));
  });

  it('goes on when Ctrl-C ends the command that waits for it, with exit code 130', async () => {
    const watcher = place.troupe('run', 'Take your time too');
    const [, waited = ''] = await watcher.said(/^Run ([0-9a-f-]{36})/m);
    watcher.child.kill('SIGINT');
    expect(await watcher.exited).toBe(130);
    expect(watcher.err).toContain(`The run goes on. See it with: npx troupe watch ${waited}`);
    const listed = place.troupe('runs');
    await listed.exited;
    expect(listed.out).toMatch(new RegExp(`^${waited}  .*  running `, 'm'));
  });

  it('is ended by cancel, and whoever watches it sees that, with exit code 1', async () => {
    const watcher = place.troupe('watch', run);
    const cancelled = place.troupe('cancel', run);
    expect(await cancelled.exited).toBe(0);
    expect(cancelled.out).toBe(`${run} cancelled\n`);
    expect(await watcher.exited).toBe(1);
    expect(watcher.err).toMatch(/supervisor +run +cancelled/);
    expect(company.err).toContain(`Run ${run}`);
  });
});

describe('a run that is being planned', () => {
  /** Asks the API as any client would. */
  async function api(name: string, payload: string): Promise<unknown> {
    const client = await connect({ servers: `nats://127.0.0.1:${place.port}` });
    try {
      return (await client.request(subjects.api('default', name), payload, { timeout: 5_000 })).json();
    } finally {
      await client.close();
    }
  }

  it('is there for whoever asks, whatever its id is, and can be cancelled for its own tenant', async () => {
    // Three seconds pass before there is a plan: until then nothing of it is in the log but that it has begun.
    const created = Created.parse(await api('create', JSON.stringify({ id: 'mine-1', goal: 'Take your time' })));
    expect(await api('result', created.runId)).toEqual({ runId: created.runId, status: 'running' });
    expect(await api('cancel', created.runId)).toEqual({ runId: created.runId, status: 'cancelling' });
    expect(await place.troupe('watch', created.runId).exited).toBe(1);
    expect(await api('result', created.runId)).toMatchObject({ status: 'cancelled' });
    const admin = await connectAs('admin', {
      url: `nats://127.0.0.1:${place.port}`,
      authDir: join(place.data, 'auth'),
    });
    const stored = await admin.nc.request(
      `$JS.API.DIRECT.GET.${STREAMS.goals}.${subjects.cancel('default', created.runId)}`,
      '',
    );
    // Not empty: an empty message would end a pull of goals.
    expect(stored.string()).toBe('{}');
    await admin.nc.close();
  });

  it('is not there when nobody asked for it', async () => {
    const nobodys = '019a1b2c-0000-7000-8000-00000000abcd';
    expect(await api('result', nobodys)).toEqual({ error: `There is no run ${nobodys}.` });
    expect(await api('cancel', nobodys)).toEqual({ error: `There is no run ${nobodys}.` });
  });
});
