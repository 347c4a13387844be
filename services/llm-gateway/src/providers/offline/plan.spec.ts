import { fc, test } from '@fast-check/vitest';
import { PLAN_TASKS_MAX, PlanSubmission } from '@troupe/contract';
import type { PlannedTask, PlanFacts } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { planOf } from './plan.ts';

const ROLES = [
  { name: 'researcher', description: 'Gathers evidence from documents with tools.' },
  { name: 'writer', description: 'Writes a cited report from findings.' },
  { name: 'critic', description: 'Reviews a draft.' },
];
const TRANSLATOR = { name: 'translator', description: 'Translates a finished report into another language.' };

function plan(goal: string, different: Partial<PlanFacts> = {}): PlannedTask[] {
  return PlanSubmission.parse(planOf({ goal, roles: ROLES, tasksMax: PLAN_TASKS_MAX, ...different })).tasks;
}

function titles(tasks: PlannedTask[]) {
  return tasks.filter(({ role }) => role === 'researcher').map(({ title }) => title);
}

function sinks(tasks: PlannedTask[]) {
  const needed = new Set(tasks.flatMap(({ dependsOn }) => dependsOn));
  return tasks.filter(({ id }) => !needed.has(id));
}

describe('a plan', () => {
  it.each([
    [
      'Explain how the durable log works and why agents are pure functions.',
      ['how the durable log works', 'why agents are pure functions'],
    ],
    [
      'What does the policy say about backups, and how long are audit logs kept?',
      ['What does the policy say about backups', 'how long are audit logs kept'],
    ],
    [
      'Summarise the policies for remote work, travel expenses and parental leave',
      ['the policies for remote work', 'travel expenses', 'parental leave'],
    ],
    [
      'Write a short report on grants and approvals in the tool path.',
      ['grants (tool path)', 'approvals in the tool path'],
    ],
    [
      'How does the actor runtime recover from a crash of a process?',
      ['actor runtime recover', 'crash process (actor runtime)'],
    ],
    ['What is NATS?', ['What is NATS']],
  ])('for %j researches %j', (goal, aspects) => {
    expect(titles(plan(goal))).toEqual(aspects);
  });

  it('lets one writer task need all research', () => {
    const tasks = plan('Explain how the log works and why agents are pure.');
    expect(tasks.at(-1)).toMatchObject({ role: 'writer', dependsOn: ['r1', 'r2'] });
  });

  it('gathers what exceeds four aspects in the last', () => {
    expect(titles(plan('Cover apples, pears, plums, cherries, quinces and grapes.'))).toEqual([
      'Cover apples',
      'pears',
      'plums',
      'cherries; quinces; grapes',
    ]);
  });

  it('gives a further role a task after the writer when the goal asks for it', () => {
    const tasks = plan('How do agents talk over the bus? Translate the report into German.', {
      roles: [...ROLES, TRANSLATOR],
    });
    expect(titles(tasks)).toEqual(['How do agents talk over the bus']);
    expect(tasks.at(-1)).toMatchObject({
      role: 'translator',
      title: 'translator: Translate the report into German.',
      dependsOn: ['w1'],
    });
  });

  it('still researches a clause that says more than what the further role is to do', () => {
    const tasks = plan('Translate the retention policy of the archive. How are backups kept?', {
      roles: [...ROLES, TRANSLATOR],
    });
    expect(titles(tasks)).toContain('Translate the retention policy of the archive');
  });

  it('leaves a further role alone when the goal does not ask for it', () => {
    expect(
      plan('How do agents talk over the bus?', { roles: [...ROLES, TRANSLATOR] }).map(({ role }) => role),
    ).not.toContain('translator');
  });

  it('never plans the critic, even for a goal that speaks of one', () => {
    expect(plan('What does the critic review?').map(({ role }) => role)).not.toContain('critic');
  });

  it('has one task when only one fits', () => {
    expect(plan('Explain the log and the bus.', { tasksMax: 1 })).toHaveLength(1);
  });

  it('gives the goal to whoever is listed when there is neither researcher nor writer', () => {
    expect(plan('Explain the log.', { roles: [TRANSLATOR] })).toMatchObject([{ role: 'translator', dependsOn: [] }]);
  });

  const word = fc.constantFrom(
    'log',
    'and',
    'how',
    'translate',
    ',',
    '.',
    '?',
    '\n',
    'policy',
    'the',
    'audit',
    'compare',
    'German',
    '12',
    '·',
  );
  const goals = fc.oneof(
    fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
    fc.string({ maxLength: 300 }),
  );
  test.prop([
    goals,
    fc.integer({ min: 1, max: PLAN_TASKS_MAX }),
    fc.subarray([...ROLES, TRANSLATOR], { minLength: 1 }),
  ])(
    'for any goal is valid, within its bound, of listed roles, without cycles and with one final task',
    (goal, tasksMax, roles) => {
      const tasks = plan(goal, { tasksMax, roles });
      expect(tasks.length).toBeLessThanOrEqual(tasksMax);
      expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
      expect(roles.map(({ name }) => name)).toEqual(expect.arrayContaining(tasks.map(({ role }) => role)));
      expect(sinks(tasks)).toHaveLength(1);
      for (const [index, { dependsOn }] of tasks.entries()) {
        const before = tasks.slice(0, index).map(({ id }) => id);
        expect(before).toEqual(expect.arrayContaining(dependsOn));
      }
    },
  );
});
