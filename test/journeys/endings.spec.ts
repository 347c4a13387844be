import { type Answer, SUBMIT_DRAFT, SUBMIT_FINDINGS, SUBMIT_PLAN, SUBMIT_REVIEW } from '@troupe/contract';
import { runIdOf } from '@troupe/actor';
import { quiet, settled } from '@troupe/actor/memory';
import { afterEach, describe, expect, it } from 'vitest';
import { Company, type CompanyOptions, type Journey } from './company.fixture.ts';
import { type Ask, calling, offers, plainAnswer, providerAsk } from './gateway.fixture.ts';

let company: Company | undefined;
afterEach(async () => {
  await company?.stop();
  company = undefined;
});

const start = async (options: CompanyOptions) => (company = await Company.start(options));

/** The scripted model, except where `instead` has an answer. */
async function scriptedExcept(
  instead: (...asked: Parameters<Ask>) => Answer | Promise<Answer> | undefined,
): Promise<Ask> {
  const scripted = await providerAsk('scripted');
  return async (question) => (await instead(question)) ?? scripted(question);
}

const down: Answer = { ok: false, kind: 'unavailable', message: 'the model is away' };
const isFor = (task: string) => (question: { turns: readonly { text: string }[] }) =>
  question.turns[0]?.text.includes(`## Question\nTask ${task}`) ?? false;

/** The one end of a journey; fails the test if there is not exactly one. */
function endOf({ ends }: Journey) {
  expect(ends).toHaveLength(1);
  const [end] = ends;
  if (end === undefined) throw new Error('the run has not ended');
  return end.body;
}

const count = ({ paths }: Journey, path: string) => paths.filter((other) => other === path).length;

describe('a run ends with what it has and says why', () => {
  it('when one of its research tasks fails: partial', async () => {
    const model = await scriptedExcept((question) => (isFor('r1')(question) ? down : undefined));
    const end = endOf(await (await start({ model })).run('Explain the log.'));
    expect(end.status).toBe('partial');
    expect(end.reason).toContain('Task r1');
    expect(end.reason).toContain('the model is away');
    expect(end.markdown).toContain('## Sources');
  });

  it('when all of its research fails: failed', async () => {
    const model = await scriptedExcept((question) => (offers(question, SUBMIT_FINDINGS.name) ? down : undefined));
    const end = endOf(await (await start({ model })).run('Explain the log.'));
    expect(end.status).toBe('failed');
    expect(end.reason).toContain('the model is away');
  });

  it('when there is no model at all: failed', async () => {
    const journey = await (await start({ model: () => Promise.resolve(down) })).run('Explain the log.');
    expect(endOf(journey)).toMatchObject({ status: 'failed', reason: expect.stringContaining('the model is away') });
    // The reason quotes the provider: it is checked like a report.
    expect(journey.paths).toEqual([STARTED, ...CHECKED_END]);
  });

  it('when the writer fails: partial, with what was found', async () => {
    const model = await scriptedExcept((question) => (offers(question, SUBMIT_DRAFT.name) ? down : undefined));
    const end = endOf(await (await start({ model })).run('Explain the log.'));
    expect(end.status).toBe('partial');
    expect(end.markdown).toMatch(/This report is not finished[\s\S]*\[1\][\s\S]*## Sources/);
  });

  it('when a model fails with the longest message that an answer may have', async () => {
    const message = 'x'.repeat(8_000);
    const model = await scriptedExcept((question) =>
      offers(question, SUBMIT_FINDINGS.name) ? { ok: false, kind: 'rejected', message } : undefined,
    );
    const { bus } = await start({ model });
    company?.publish('Explain the log.');
    await settled(bus);
    expect(bus.dead.map(({ role, reason }) => `${role}: ${reason}`)).toEqual([]);
    expect(endOf(company?.journey() ?? emptyJourney).status).toBe('failed');
  });

  it('when a model answers nothing that can be used', async () => {
    const model = await scriptedExcept((question) => (offers(question, SUBMIT_DRAFT.name) ? plainAnswer : undefined));
    const journey = await (await start({ model })).run('Explain the log.');
    expect(endOf(journey)).toMatchObject({ status: 'partial', reason: expect.stringContaining('could not be used') });
    expect(count(journey, 'writer → writer: answer.rejected')).toBe(2);
  });
});

const STARTED = 'intake → supervisor: run.started';
const CHECKED_END = [
  'supervisor → policy-guard: output.proposed',
  'policy-guard → supervisor: output.approved',
  'supervisor → user: run.ended',
];

const emptyJourney: Journey = { runs: [], ends: [], messages: [], paths: [] };

describe('work is bounded', () => {
  it.each([0, 1, 3])(
    'a critic who is never content gets %i revisions, and the report goes out',
    async (revisionsMax) => {
      const model = await scriptedExcept((question) =>
        offers(question, SUBMIT_REVIEW.name)
          ? calling({ name: SUBMIT_REVIEW.name, arguments: { verdict: 'revise', reasons: ['It is dull.'] } })
          : undefined,
      );
      const goal = { goal: 'Explain the log.', options: { revisions_max: revisionsMax } };
      const journey = await (await start({ model })).run(goal);
      expect(count(journey, 'supervisor → writer: task.assigned')).toBe(revisionsMax + 1);
      expect(count(journey, 'supervisor → critic: task.assigned')).toBe(revisionsMax + 1);
      expect(endOf(journey)).toMatchObject({
        status: 'completed',
        reason: 'the critic still asks: It is dull.',
        markdown: expect.stringContaining('## Sources'),
      });
    },
  );

  /** A researcher who never stops searching: each query is new. */
  const searching = () => {
    let queries = 0;
    return scriptedExcept((question) =>
      offers(question, SUBMIT_FINDINGS.name) && offers(question, 'search_documents')
        ? calling({ name: 'search_documents', arguments: { query: `ferry ${(queries += 1)}` } })
        : undefined,
    );
  };

  it('a researcher who only searches gets as many steps as the goal allows', async () => {
    const goal = { goal: 'Explain the log.', options: { steps_per_task_max: 3, tool_calls_max: 200 } };
    const journey = await (await start({ model: await searching() })).run(goal);
    expect(count(journey, 'researcher → policy-guard: tool.requested')).toBe(2 * 2);
    expect(endOf(journey).status).toBe('completed');
  });

  it('and as many tool calls, over all tasks', async () => {
    const goal = { goal: 'Explain the log.', options: { tool_calls_max: 3, steps_per_task_max: 32 } };
    const journey = await (await start({ model: await searching() })).run(goal);
    expect(count(journey, 'researcher → policy-guard: tool.requested')).toBeLessThanOrEqual(3);
    expect(endOf(journey).status).toBe('completed');
  });

  it('a researcher whose calls bring nothing new is stopped', async () => {
    let calls = 0;
    const model = await scriptedExcept((question) =>
      offers(question, SUBMIT_FINDINGS.name) && offers(question, 'calculate')
        ? calling({ name: 'calculate', arguments: { expression: `1 + ${(calls += 1)}` } })
        : undefined,
    );
    const goal = { goal: 'Explain the log.', options: { tool_calls_max: 200, steps_per_task_max: 32 } };
    const journey = await (await start({ model })).run(goal);
    expect(count(journey, 'researcher → policy-guard: tool.requested')).toBe(2 * 3);
    expect(endOf(journey).status).toBe('completed');
  });

  it('a run whose tokens are used up ends with a reason, having spent no more than one answer too much', async () => {
    const expensive = await scriptedExcept(() => undefined);
    const model: Ask = async (question) => {
      const answer = await expensive(question);
      return answer.ok ? { ...answer, usage: { inputTokens: 2_000, outputTokens: 500 } } : answer;
    };
    const goal = { goal: 'Explain the log.', options: { preset: 'small' } };
    const end = endOf(await (await start({ model })).run(goal));
    expect(end.reason).toContain('tokens is used up');
    expect(end.status).toBe('failed');
    expect(end.spent.tokens).toBeLessThanOrEqual(5_000 + 2 * 2_500);
  });

  it('a plan that cannot be run is sent back twice, then the run fails', async () => {
    const task = { title: 't', instructions: 'i' };
    const cycle = [
      { ...task, id: 'a', role: 'researcher', dependsOn: ['b'] },
      { ...task, id: 'b', role: 'researcher', dependsOn: ['a'] },
      { ...task, id: 'w', role: 'writer', dependsOn: ['a'] },
    ];
    const model = await scriptedExcept((question) =>
      offers(question, SUBMIT_PLAN.name) ? calling({ name: SUBMIT_PLAN.name, arguments: { tasks: cycle } }) : undefined,
    );
    const journey = await (await start({ model })).run('Explain the log.');
    expect(journey.paths).toEqual([
      STARTED,
      'supervisor → supervisor: answer.rejected',
      'supervisor → supervisor: answer.rejected',
      ...CHECKED_END,
    ]);
    expect(endOf(journey)).toMatchObject({ status: 'failed', reason: expect.stringContaining('circle') });
    expect(endOf(journey).spent.modelCalls).toBe(3);
  });

  it('a plan for a role that does not exist is sent back, and a better one is carried out', async () => {
    const model = await scriptedExcept((question) => {
      if (!offers(question, SUBMIT_PLAN.name) || question.turns.length > 1) return undefined;
      const tasks = [{ id: 'a', role: 'juggler', title: 't', instructions: 'i', dependsOn: [] }];
      return calling({ name: SUBMIT_PLAN.name, arguments: { tasks } });
    });
    const journey = await (await start({ model })).run('Explain the log.');
    const [, rejected] = journey.messages;
    expect(rejected).toMatchObject({
      type: 'answer.rejected',
      body: { complaint: expect.stringContaining('juggler') },
    });
    expect(endOf(journey).status).toBe('completed');
  });
});

describe('a goal that nobody can read', () => {
  it.each([
    ['{"goal":', 'broken JSON'],
    ['', 'empty'],
    ['{"goal":"x","options":{"presett":"small"}}', 'presett'],
    ['42', 'not valid'],
  ])('(%s) is answered with a rejection that says why', async (goal, why) => {
    const journey = await (await start({ model: 'scripted' })).run(goal);
    expect(endOf(journey)).toMatchObject({ status: 'rejected', reason: expect.stringContaining(why) });
    expect(journey.paths).toEqual(['intake → supervisor: run.rejected', 'supervisor → user: run.ended']);
  });
});

describe('a run that takes too long', () => {
  const hanging = () =>
    scriptedExcept((question) => (isFor('r2')(question) ? new Promise<Answer>(() => undefined) : undefined));

  it('ends at its deadline with what was found until then', async () => {
    const { bus } = await start({ model: await hanging() });
    company?.publish({ goal: 'Explain the log.', options: { deadline_ms: 60_000 } });
    await quiet(bus);
    bus.clock.advance(53_000);
    await quiet(bus);
    expect(company?.journey().ends).toEqual([]);
    // A tenth of the time is kept for checking and handing in what there is.
    bus.clock.advance(1_000);
    await settled(bus);
    const end = endOf(company?.journey() ?? emptyJourney);
    expect(end).toMatchObject({ status: 'partial', reason: expect.stringContaining('deadline') });
    expect(end.markdown).toContain('## Sources');
  });

  it('ends at its deadline while it is still being planned', async () => {
    const { bus } = await start({ model: () => new Promise(() => undefined) });
    company?.publish({ goal: 'Explain the log.', options: { deadline_ms: 60_000 } });
    await quiet(bus);
    bus.clock.advance(60_000);
    await settled(bus);
    expect(endOf(company?.journey() ?? emptyJourney).status).toBe('failed');
  });

  it('can be cancelled, and what comes later changes nothing', async () => {
    let answer: (answer: Answer) => void = () => undefined;
    const model = await scriptedExcept((question) =>
      isFor('r2')(question) ? new Promise<Answer>((resolve) => (answer = resolve)) : undefined,
    );
    const { bus } = await start({ model });
    company?.publish('Explain the log.');
    await quiet(bus);
    const [run = ''] = company?.journey().runs ?? [];
    bus.cancel(run);
    await quiet(bus);
    expect(endOf(company?.journey() ?? emptyJourney).status).toBe('cancelled');
    answer(calling({ name: SUBMIT_FINDINGS.name, arguments: { claims: [], gaps: ['none'] } }));
    await settled(bus);
    expect(endOf(company?.journey() ?? emptyJourney).status).toBe('cancelled');
  });

  it('can be cancelled while it is still being planned', async () => {
    let answer: (answer: Answer) => void = () => undefined;
    const model = await scriptedExcept((question) =>
      offers(question, SUBMIT_PLAN.name) ? new Promise<Answer>((resolve) => (answer = resolve)) : undefined,
    );
    const { bus } = await start({ model });
    company?.publish({ id: 'explain-1', goal: 'Explain the log.' });
    await quiet(bus);
    bus.cancel(runIdOf({ tenant: 'default', id: 'explain-1', seq: 0, at: 0 }));
    await quiet(bus);
    answer(down);
    await settled(bus);
    expect(endOf(company?.journey() ?? emptyJourney).status).toBe('cancelled');
  });
});
