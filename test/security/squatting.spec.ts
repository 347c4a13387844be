import { runIdOf } from '@troupe/actor';
import { decode, encode, type MessageOf, parseRunSubject } from '@troupe/contract';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLogs } from '../faults/evidence.ts';
import { attackerOf, startVictim, type Victim } from './fuzz/company.fixture.ts';
import { runSubject, TENANT } from './secured-bus.fixture.ts';

let victim: Victim;
let researcher: NatsConnection;
let client: NatsConnection;
beforeAll(async () => {
  victim = await startVictim();
  researcher = await attackerOf(victim.cluster, 'ROLE_researcher');
  client = await attackerOf(victim.cluster, 'CLIENT');
});
afterAll(async () => {
  await researcher?.close();
  await client?.close();
  await victim?.stop();
});

const runOf = (id: string): string => runIdOf({ tenant: TENANT, id, seq: 0, at: 0 });

const api = async (name: string, run: string): Promise<unknown> =>
  (await client.request(`troupe.api.${TENANT}.runs.${name}`, run, { timeout: 5_000 })).json();

async function messagesOf(run: string): Promise<{ type: unknown; tenant: unknown }[]> {
  const { logs } = await readLogs(victim.cluster.server);
  const stored = [...logs.values()].flat().filter(({ subject }) => parseRunSubject(subject)?.run === run);
  return stored.map(({ bytes }) => {
    const { type, tenant } = Object(decode(bytes));
    return { type, tenant };
  });
}

/** What a researcher may always write: a failure, here of a task that nobody gave to it, in any tenant's name. */
async function squat(run: string, tenant: string): Promise<void> {
  const failed: MessageOf<'task.failed'> = {
    type: 'task.failed',
    body: { reason: 'x', spent: { tokens: 0, costUsd: 0, modelCalls: 0, toolCalls: 0 } },
    id: 'researcher.t9.0',
    run,
    task: 't9',
    v: 1,
    decider: 'v1',
    at: Date.now(),
    cause: 'supervisor.t9.0',
    tenant,
    budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
    integrity: 'agent',
  };
  const subject = runSubject('researcher', 'supervisor', 0, 't9', { run, tenant });
  await researcher.request(subject, encode(failed), { timeout: 5_000 });
  await expect.poll(async () => (await messagesOf(run)).map(({ type }) => type)).toContain('noted');
}

describe.each([TENANT, 'evil'])(
  'given a compromised worker that writes as %s into a run before its goal comes',
  (squatter) => {
    it('when somebody asks for that run, then there is none, and nothing can be cancelled', async () => {
      const run = runOf(`asked-${squatter}`);
      await squat(run, squatter);
      const none = { error: `There is no run ${run}.` };
      expect(await api('result', run)).toEqual(none);
      expect(await api('cancel', run)).toEqual(none);
    });

    it('when the goal comes, then the run is its own tenant’s, and its tools are granted', async () => {
      const id = `planned-${squatter}`;
      const run = runOf(id);
      await squat(run, squatter);
      await client.request('troupe.goals.default', JSON.stringify({ id, goal: 'What do ferries cost?' }), {
        timeout: 5_000,
      });
      await expect.poll(() => api('result', run), { timeout: 10_000 }).toMatchObject({ status: 'completed' });
      const messages = await messagesOf(run);
      expect(messages.filter(({ type }) => type === 'tool.granted')).toHaveLength(2);
      expect(messages.slice(2).filter(({ tenant }) => tenant !== 'default')).toEqual([]);
    });
  },
);
