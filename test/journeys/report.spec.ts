import { citedNumbers } from '@troupe/agent';
import { afterEach, describe, expect, it } from 'vitest';
import { Company, crashOf } from './company.fixture.ts';

let company: Company | undefined;
afterEach(async () => {
  await company?.stop();
  company = undefined;
});

const GOAL = 'How do battery ferries perform in storms and what refunds do passengers get?';
const SOURCE = /^\[(\d+)\] (.+):(\d+)(?:-(\d+))?$/;

describe('a goal', () => {
  it('becomes a completed report in which every citation resolves to lines of the documents', async () => {
    company = await Company.start();
    const { ends, messages } = await company.run(GOAL);
    expect(ends).toHaveLength(1);
    const { status, markdown, goal } = ends[0]?.body ?? {};
    expect({ status, goal }).toEqual({ status: 'completed', goal: GOAL });
    const [text = '', list = ''] = markdown?.split('\n## Sources\n') ?? [];
    const sources = list
      .trim()
      .split('\n')
      .map((line) => SOURCE.exec(line));
    expect(citedNumbers(text).toSorted((a, b) => a - b)).toEqual(sources.map((_, index) => index + 1));
    expect(sources.length).toBeGreaterThan(1);
    for (const [index, source] of sources.entries()) {
      const [, number, path = '', start, end = start] = source ?? [];
      const document = company.corpus.documents.get(path);
      const lines = document?.lines.slice(Number(start) - 1, Number(end)) ?? [];
      expect({ number, isThere: lines.join('').trim() !== '' }).toEqual({ number: String(index + 1), isThere: true });
    }
    const cited = messages.flatMap((message) => (message.type === 'output.proposed' ? message.body.sources : []));
    for (const { path, startLine, endLine, text: quoted } of cited) {
      const lines = company.corpus.documents.get(path)?.lines.slice(startLine - 1, endLine) ?? [];
      expect(lines.join('\n')).toContain(quoted.split('\n')[0]?.trim());
    }
  });

  it('leaves nothing undone: every message is settled, none is dead, one timer waits for its deadline', async () => {
    company = await Company.start();
    const { ends } = await company.run(GOAL);
    expect(company.bus.unsettled).toBe(0);
    expect(company.bus.dead).toEqual([]);
    company.bus.clock.advance(company.bus.nextTimerAt - company.bus.clock.now());
    const after = await company.run('');
    expect(after.ends.filter(({ run }) => run === ends[0]?.run)).toHaveLength(1);
  });

  it('costs 24 durable messages in the scripted workload: the goal and these', async () => {
    company = await Company.start({ model: 'scripted' });
    const { paths, ends } = await company.run('Explain the durable log.');
    expect(ends.map(({ body }) => body.status)).toEqual(['completed']);
    const research = [
      'policy-guard → tool-executor: tool.granted',
      'researcher → policy-guard: tool.requested',
      'researcher → supervisor: task.completed',
      'supervisor → researcher: task.assigned',
      'tool-executor → researcher: tool.returned',
    ];
    const writing = ['supervisor → writer: task.assigned', 'writer → supervisor: task.completed'];
    const review = ['supervisor → critic: task.assigned', 'critic → supervisor: task.completed'];
    const expected = [
      'intake → supervisor: run.started',
      ...research,
      ...research,
      'supervisor → log: noted',
      ...writing,
      ...review,
      ...writing,
      ...review,
      'supervisor → policy-guard: output.proposed',
      'policy-guard → supervisor: output.approved',
      'supervisor → user: run.ended',
    ];
    expect(paths.toSorted()).toEqual(expected.toSorted());
    expect(company.bus.goals.entries.length + company.bus.runs.entries.length).toBe(24);
  });

  it('costs the same with two replicas of every role', async () => {
    company = await Company.start({ model: 'scripted', replicas: 2 });
    const { ends, paths } = await company.run('Explain the durable log.');
    expect(ends.map(({ body }) => body.status)).toEqual(['completed']);
    expect(paths).toHaveLength(23);
    expect(company.bus.dead).toEqual([]);
  });

  it('that is delivered twice, or published twice with its id, is one run with one result', async () => {
    company = await Company.start({ model: 'scripted', replicas: 2 });
    company.publish({ id: 'g-1', goal: 'Explain the log.' });
    const { runs, ends } = await company.run({ id: 'g-1', goal: 'Explain the log.' });
    expect(runs).toHaveLength(1);
    expect(ends.map(({ body }) => body.status)).toEqual(['completed']);
  });

  it('is a run of its own for each tenant', async () => {
    company = await Company.start({ model: 'scripted' });
    company.publish({ id: 'g-1', goal: 'Explain the log.' }, 'acme');
    const { runs, ends } = await company.run({ id: 'g-1', goal: 'Explain the log.' });
    expect(runs).toHaveLength(2);
    expect(ends.map(({ tenant }) => tenant).toSorted()).toEqual(['acme', 'default']);
  });
});

describe('a role that dies once', () => {
  const roles = ['supervisor', 'researcher', 'writer', 'critic', 'policy-guard', 'tool-executor'];
  it.each(roles)('(%s, at each of its effects) changes neither the result nor the messages of a run', async (role) => {
    const plain = await Company.start({ model: 'scripted' });
    const reference = await plain.run('Explain the durable log.');
    await plain.stop();
    for (let effect = 1; effect <= 12; effect += 1) {
      for (const moment of ['before', 'after'] as const) {
        const crashing = await Company.start({
          model: 'scripted',
          replicas: 2,
          prepare: crashOf(role, effect, moment),
        });
        const { ends, paths } = await crashing.run('Explain the durable log.');
        await crashing.stop();
        expect({ effect, moment, ends: ends.map(({ body }) => body.status) }).toEqual({
          effect,
          moment,
          ends: ['completed'],
        });
        expect(ends[0]?.body.markdown).toBe(reference.ends[0]?.body.markdown);
        expect({ effect, moment, paths: paths.toSorted() }).toEqual({
          effect,
          moment,
          paths: reference.paths.toSorted(),
        });
      }
    }
  });
});
