import { TEXT_CHARS_MAX } from '@troupe/contract';
import type { PlannedTask, PlanFacts, PlanSubmission } from '@troupe/contract';
import { aspectsOf, clip } from './aspects.ts';
import { extraRoles } from './extra-roles.ts';
import type { ExtraRole } from './extra-roles.ts';

const TITLE_CHARS_MAX = 120;
const RESEARCH_TASKS_MAX = 4;
/** Never planned: the supervisor has every draft reviewed by itself. */
const REVIEWER = 'critic';

/**
 * A plan from the goal's own words: research tasks for its aspects, one writer task that needs them all, then one task
 * for each further role that the goal asks for, each needing the one before. It has one final task, uses only the
 * roles listed and holds at most `tasksMax` tasks.
 */
export function planOf({ goal: written, roles, tasksMax }: PlanFacts): PlanSubmission {
  const goal = written.replace(/[^\S\n]+/g, ' ').trim() || 'an empty goal';
  const listed = roles.filter(({ name }) => name !== REVIEWER);
  const has = (role: string) => listed.some(({ name }) => name === role);
  const writes = has('writer') && tasksMax >= 2;
  const extras = extraRoles(goal, listed).slice(0, Math.max(0, tasksMax - 2));
  const researchMax = writes ? Math.min(RESEARCH_TASKS_MAX, tasksMax - 1 - extras.length) : 1;
  const aspects = has('researcher') ? aspectsOf(withoutExtras(goal, extras), researchMax) : [];
  const tasks = aspects.map((aspect, index) => researchTask(`r${index + 1}`, aspect, goal));
  if (writes)
    tasks.push(
      writerTask(
        goal,
        tasks.map(({ id }) => id),
      ),
    );
  for (const extra of extras)
    tasks.push(
      extraTask(
        extra,
        goal,
        tasks.slice(-1).map(({ id }) => id),
      ),
    );
  // Without researcher and writer somebody still has to take the goal.
  const first = listed[0] ?? roles[0];
  if (tasks.length === 0 && first) tasks.push(task('t1', first.name, titled('', goal), clip(goal, TEXT_CHARS_MAX), []));
  return { tasks };
}

/** The goal without the clauses that ask for nothing but the extra roles' work. */
function withoutExtras(goal: string, extras: readonly ExtraRole[]): string {
  const rest = extras.reduce((text, { clause, only }) => (only ? text.replace(clause, ' ') : text), goal);
  return /[\p{L}\p{N}]/u.test(rest) ? rest : goal;
}

function researchTask(id: string, aspect: string, goal: string): PlannedTask {
  const instructions = `Find what the documents say about: ${clip(aspect, 1_000)}\nThe whole goal: ${clip(goal, 2_500)}`;
  return task(id, 'researcher', titled('', aspect), instructions, []);
}

function writerTask(goal: string, dependsOn: string[]): PlannedTask {
  const instructions = `Write a cited report that answers the goal from the findings: ${clip(goal, 3_500)}`;
  return task('w1', 'writer', titled('Report: ', goal), instructions, dependsOn);
}

function extraTask({ role, clause }: ExtraRole, goal: string, dependsOn: string[]): PlannedTask {
  const order = clause.replace(/^(?:and|then|also)\s+/i, '');
  const instructions = `${clip(order, 1_000)}\nThe whole goal: ${clip(goal, 2_500)}`;
  return task(taskIdFor(role), role, titled(`${role}: `, order), instructions, dependsOn);
}

/** Role names and task ids have the same alphabet; the mark keeps them apart from r1, w1. */
function taskIdFor(role: string): string {
  return `x-${role}`.slice(0, 48);
}

function titled(prefix: string, text: string): string {
  return prefix + clip(text.replace(/\s+/g, ' ').trim(), TITLE_CHARS_MAX);
}

function task(id: string, role: string, title: string, instructions: string, dependsOn: string[]): PlannedTask {
  return { id, role, title, instructions, dependsOn };
}
