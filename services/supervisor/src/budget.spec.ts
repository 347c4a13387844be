import { fc, test } from '@fast-check/vitest';
import { type Artifact, type Outgoing, type PlannedTask, TOKEN_PRESETS } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import {
  approved,
  begun,
  completed,
  critique,
  draft,
  ended,
  failed,
  findings,
  goal,
  only,
  Play,
  planAnswer,
  planned,
  reviewing,
  sent,
} from './play.fixture.ts';

describe('budgets', () => {
  it('of two questions and a report are shares of what the plan left, three for a task with tools, reviews and a revision reckoned in', () => {
    const tasks = only(new Play().answer(goal({ preset: 'large' }), planAnswer(begunTasks, 200)), 'task.assigned');
    // 49,800 tokens for a, b, and up to four tasks around the report: draft, review, revision, review.
    expect(tasks.map(({ budget }) => budget.tokens)).toEqual([14_940, 14_940]);
    expect(tasks.map(({ budget }) => budget.toolCalls)).toEqual([12, 12]);
    expect(tasks.map(({ budget }) => [budget.steps, budget.deadlineAt])).toEqual([
      [10, 591_000],
      [10, 591_000],
    ]);
  });

  it('keep nothing for a revision where the shares would be too small for an answer', () => {
    const tasks = only(new Play().answer(goal({ preset: 'medium' }), planAnswer(begunTasks, 1_000)), 'task.assigned');
    // 14,000 tokens: a tenth is less than a prompt and its answer take, an eighth (a draft and its review) is not.
    expect(tasks.map(({ budget }) => budget.tokens)).toEqual([5_250, 5_250]);
  });

  it('of a revision that nothing was kept for are all that is left, with a review behind it', () => {
    const play = begun({ preset: 'small' });
    for (const [task, spent] of [
      ['t1', 1_000],
      ['t2', 1_000],
    ] as const)
      play.take(completed('researcher', task, findings(`${task}.md`), spent));
    play.take(completed('writer', 't3', draft('Draft [1].', 't1.md'), 900));
    const [task] = only(play.take(completed('critic', 't3-review-1', critique('revise', 'x'), 500)), 'task.assigned');
    expect(task?.budget.tokens).toBe(Math.floor((4_900 - 2_000 - 900 - 500) / 2));
  });

  it('that come back unspent are shared again', () => {
    const play = begun({ preset: 'small' });
    play.take(completed('researcher', 't1', findings('a.md'), 0));
    const [task] = only(play.take(completed('researcher', 't2', findings('b.md'), 0)), 'task.assigned');
    expect(task?.budget.tokens).toBe(4_900 / 2);
  });

  it('that were overdrawn count as used up and take nothing from other tasks', () => {
    const play = begun({ preset: 'small' });
    play.take(completed('researcher', 't1', findings('a.md'), 2_000));
    const [task] = only(play.take(completed('researcher', 't2', findings('b.md'), 2_000)), 'task.assigned');
    // 5,000 less the plan's 100 and two grants of 1,837: half of the rest.
    expect(task?.budget.tokens).toBe(Math.floor((4_900 - 2 * 1_837) / 2));
  });

  it('that workers claim to have overdrawn beyond all bounds neither end the run nor break its result', () => {
    const play = begun({ preset: 'small' });
    const all = { tokens: MOST, costUsd: Number.MAX_VALUE, modelCalls: MOST, toolCalls: MOST };
    const claims = (task: string) => {
      const body = { artifact: findings(`${task}.md`), spent: all };
      return sent('researcher', task, { type: 'task.completed', body });
    };
    play.take(claims('t1'));
    const [task] = only(play.take(claims('t2')), 'task.assigned');
    expect(task?.budget.tokens).toBeGreaterThan(500);
    play.take(completed('writer', 't3', draft('Draft [1].', 't1.md')));
    const [proposal] = play.take(completed('critic', 't3-review-1', critique('accept')));
    expect(proposal?.type).toBe('output.proposed');
    const { status, spent, reason } = ended(play.letOut());
    expect(status).toBe('completed');
    expect(spent).toMatchObject({ tokens: 100 + 2 * 1_837 + 200, toolCalls: 24 });
    expect(spent.costUsd).toBeLessThan(3_000);
    expect(spent.modelCalls).toBeLessThan(500);
    expect(reason).toContain('Title a: more was claimed to be spent than was granted');
  });

  it('of reviews and revisions hold no tool calls', () => {
    const [task] = only(reviewing().take(completed('critic', 't3-review-1', critique('revise', 'x'))), 'task.assigned');
    expect(task).toMatchObject({ task: 't3-2', budget: { toolCalls: 0 }, body: { tools: [] } });
  });
});

const MOST = Number.MAX_SAFE_INTEGER;
const begunTasks = [planned('a', 'researcher'), planned('b', 'researcher'), planned('w', 'writer', 'a', 'b')];

/** A plan: task i depends on those earlier ones that its bits name, the last one on all that nobody else needs. */
const somePlan = fc.array(fc.nat({ max: 31 }), { minLength: 0, maxLength: 5 }).map((bits): PlannedTask[] => {
  const tasks = bits.map((bit, index) =>
    planned(
      `r${index}`,
      'researcher',
      ...bits.flatMap((_, other) => (other < index && bit & (1 << other) ? [`r${other}`] : [])),
    ),
  );
  const needed = new Set(tasks.flatMap(({ dependsOn }) => dependsOn));
  return [...tasks, planned('w', 'writer', ...tasks.flatMap(({ id }) => (needed.has(id) ? [] : [id])))];
});

/** How a worker answers: which of the open tasks, what share of its budget it used, and how it went. */
const someReplies = fc.array(
  fc.record({
    pick: fc.nat({ max: 5 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    outcome: fc.constantFrom('good', 'good', 'bad', 'revise'),
  }),
  { minLength: 60, maxLength: 60 },
);

type Assigned = Extract<Outgoing, { type: 'task.assigned' }>;

function artifactFor({ to }: Assigned, outcome: string): Artifact {
  if (to === 'critic') return outcome === 'revise' ? critique('revise', 'More.') : critique('accept');
  return to === 'writer' ? draft('Draft [1].') : findings('a.md');
}

describe('given any plan and any way in which its tasks end', () => {
  test.prop([somePlan, someReplies, fc.constantFrom('small', 'medium', 'large'), fc.nat({ max: 3 })])(
    'when workers keep to their budgets, then what is spent and out never exceeds the goal’s, and the run comes to its end',
    (plan, replies, preset, revisions_max) => {
      const play = new Play();
      const options = { preset, revisions_max, tool_calls_max: 7 } as const;
      let outputs = play.answer(goal(options), planAnswer(plan, 150));
      const open = new Map<string, Assigned>();
      let [tokens, calls, handedOut] = [150, 0, 0];
      for (const reply of replies) {
        for (const output of outputs) if (output.type === 'task.assigned') open.set(output.task, output);
        handedOut += outputs.length;
        const out = [...open.values()].map(({ budget }) => budget);
        expect(tokens + out.reduce((sum, budget) => sum + budget.tokens, 0)).toBeLessThanOrEqual(TOKEN_PRESETS[preset]);
        expect(calls + out.reduce((sum, budget) => sum + budget.toolCalls, 0)).toBeLessThanOrEqual(7);
        const task = [...open.values()][reply.pick % Math.max(1, open.size)];
        if (task === undefined) break;
        open.delete(task.task);
        const used = Math.floor(task.budget.tokens * reply.share);
        const toolCalls = Math.floor(task.budget.toolCalls * reply.share);
        tokens += used;
        calls += toolCalls;
        const spent = { tokens: used, costUsd: null, modelCalls: 1, toolCalls };
        const body = { artifact: artifactFor(task, reply.outcome), spent };
        outputs = play.take(
          reply.outcome === 'bad'
            ? failed(task.to, task.task, 'it went wrong', used)
            : sent(task.to, task.task, { type: 'task.completed', body }),
        );
        if (reply.outcome === 'bad') calls -= toolCalls;
      }
      expect(handedOut).toBeLessThanOrEqual(plan.length + 2 + 2 * revisions_max + 1);
      expect(outputs.map(({ type }) => type)).toEqual(['output.proposed']);
      expect(ended(play.take(approved('Draft [1].'))).spent.tokens).toBe(tokens);
    },
  );
});
