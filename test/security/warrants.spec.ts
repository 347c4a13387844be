import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GuardProcess } from './guard.fixture.ts';
import { LAYOUT, type SecuredBus, startSecuredBus, TENANT } from './secured-bus.fixture.ts';

let bus: SecuredBus;
let guard: GuardProcess;

beforeAll(async () => {
  bus = await startSecuredBus();
  guard = new GuardProcess(bus);
});
afterAll(async () => {
  await guard?.stop();
  await bus?.stop();
});

const runOf = (number: number) => `01990000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
const deniedFor = (rule: string) => ({ type: 'tool.denied', body: { rule } });

describe('given a running guard and a compromised researcher', () => {
  it('when the supervisor signed its task, then a call is granted, and the grant ends with the task', async () => {
    const deadlineAt = Date.now() + 30_000;
    const granted = await guard.after({ warrant: guard.warrant('t1', { deadlineAt }) });
    expect(granted).toMatchObject({ type: 'tool.granted', body: { grant: { expiresAt: deadlineAt, task: 't1' } } });
  });

  it('when it sets its clock to 2199, then the grant ends by the broker’s clock', async () => {
    const task = 'later';
    const before = Date.now();
    const granted = await guard.after({
      task,
      at: Date.parse('2199-01-01T00:00:00Z'),
      warrant: guard.warrant(task, { deadlineAt: before + 86_400_000 }),
    });
    const expiresAt = granted.type === 'tool.granted' ? granted.body.grant.expiresAt : 0;
    // The shipped rules let a grant live for ten minutes.
    expect(expiresAt).toBeGreaterThanOrEqual(before + 600_000 - 1_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  it('when it invents runs, then nothing is granted in any of them', async () => {
    const warrant = guard.warrant('t1');
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, index) => guard.ask({ run: runOf(index), call: `c${index}`, warrant })),
    );
    const outcomes = await Promise.all(ids.map((id) => guard.decided(id)));
    expect(outcomes.map((outcome) => (outcome.type === 'tool.denied' ? outcome.body.rule : outcome.type))).toEqual(
      ids.map(() => 'bad-warrant'),
    );
  });

  it('when its task may call no tool, or has expired, or names no tool, then it is denied', async () => {
    const task = 'poor';
    expect(await guard.after({ task, warrant: guard.warrant(task, { toolCalls: 0 }) })).toMatchObject(
      deniedFor('task-budget'),
    );
    expect(await guard.after({ task, call: 'c2', warrant: guard.warrant(task, { tools: [] }) })).toMatchObject(
      deniedFor('not-in-task'),
    );
    expect(
      await guard.after({ task, call: 'c3', warrant: guard.warrant(task, { deadlineAt: Date.now() - 1 }) }),
    ).toMatchObject(deniedFor('warrant-expired'));
    expect(await guard.after({ task, call: 'c4' })).toMatchObject(deniedFor('no-warrant'));
  });

  it('when it floods one run, then it is told a few times why not, and an honest task of that run still gets its calls', async () => {
    const run = runOf(7_000);
    const ids: string[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      const asked = Array.from({ length: 100 }, (_, index) => guard.ask({ run, call: `c${batch * 100 + index}` }));
      ids.push(...(await Promise.all(asked)));
    }
    const outcomes = await Promise.all(ids.map((id) => guard.decided(id)));
    const types = Object.groupBy(outcomes, ({ type }) => type);
    expect(types['tool.denied']).toHaveLength(64);
    expect(types['noted']).toHaveLength(936);
    const honest = await guard.after({ run, task: 't9', warrant: guard.warrant('t9', {}, run) });
    expect(honest.type).toBe('tool.granted');
  });

  it('when it repeats its request in the other shards, then each is buried there, and its warrant allows no more calls', async () => {
    const run = runOf(9_000);
    const warrant = guard.warrant('t1', { toolCalls: 1 }, run);
    expect(await guard.after({ run, warrant })).toMatchObject({ type: 'tool.granted' });
    const others = LAYOUT.streams.map((_, shard) => shard).filter((shard) => shard !== LAYOUT.shardOf(run));
    expect(others).toHaveLength(3);
    for (const shard of others) {
      const id = await guard.ask({ run, shard, call: `c-${shard}`, warrant });
      expect(await guard.buried(id)).toContain(`the run ${run} is not of shard ${shard}`);
    }
    expect(await guard.after({ run, call: 'c2', warrant })).toMatchObject(deniedFor('task-budget'));
    expect(guard.granted(run)).toBe(1);
  });

  it('when it repeats its request in the name of another tenant, then nothing is granted to that one', async () => {
    const run = runOf(9_001);
    const warrant = guard.warrant('t1', { toolCalls: 1 }, run);
    expect(await guard.after({ run, warrant })).toMatchObject({ type: 'tool.granted' });
    const elsewhere = await guard.after({ run, tenant: 'evil', call: 'c2', warrant });
    expect(elsewhere).toMatchObject({ tenant: 'evil', ...deniedFor('bad-warrant') });
    const torn = { run, call: 'c3', warrant };
    for (const place of [
      { tenant: 'evil', says: TENANT },
      { tenant: TENANT, says: 'evil' },
    ])
      expect(await guard.buried(await guard.ask({ ...torn, ...place }))).toContain(`${place.says}/${run}/`);
    expect(await guard.after({ run, call: 'c4', warrant })).toMatchObject(deniedFor('task-budget'));
    expect(guard.granted(run)).toBe(1);
  });

  it('when a report cites what no tool returned in its run, then it is not let out; when it cites what one did, it is', async () => {
    const run = runOf(8_000);
    const bad = await guard.propose('A fact [1].', [{ ...guard.sealed('So it is.', run), text: 'Invented.' }], run);
    expect(await guard.decided(bad)).toMatchObject({ type: 'output.refused' });
    const elsewhere = await guard.propose('A fact [1].', [guard.sealed('So it is.', runOf(8_001))], run);
    expect(await guard.decided(elsewhere)).toMatchObject({ type: 'output.refused' });
    const good = await guard.propose('A fact [1].', [guard.sealed('So it is.', run)], run);
    expect(await guard.decided(good)).toMatchObject({ type: 'output.approved' });
  });
});
