import { completeTurns, listed, type Prompt, readAnswer, sections } from '@troupe/agent';
import {
  type Answer,
  type GoalOptions,
  PlanSubmission,
  type PlanFacts,
  SUBMIT_PLAN,
  type Turn,
} from '@troupe/contract';
import type { SupervisorConfig } from './config.ts';

const SYSTEM = [
  'You are a supervisor. You turn a goal into a small plan: tasks for the roles listed, as a graph.',
  'Independent questions are separate tasks that can run at the same time; a task depends on those whose results it needs.',
  'Exactly one task is last: nothing depends on it, and its result is the answer to the goal.',
  'Reviews and revisions are not tasks; they follow by themselves. Hand the plan in with submit_plan.',
].join('\n');

/** The prompt of the planning question. `turns` is what was said since: plans that were sent back, and why. */
export function planPrompt(
  config: SupervisorConfig,
  goal: string,
  { tasks_max: tasksMax, model }: Pick<GoalOptions, 'tasks_max' | 'model'>,
  turns: readonly Turn[],
): Prompt {
  const facts: PlanFacts = { goal, roles: [...config.workers], tasksMax };
  const text = sections([
    ['Goal', goal],
    ['Roles', listed(facts.roles.map(({ name, description }) => `${name}: ${description}`))],
    ['Limits', `At most ${tasksMax} tasks.`],
  ]);
  return {
    tier: 'medium',
    purpose: 'plan',
    model,
    system: SYSTEM,
    turns: completeTurns([{ role: 'user', text }, ...turns], 'Not accepted.'),
    tools: [SUBMIT_PLAN],
    facts: { ...facts },
  };
}

/** The plan that an answer holds, if it holds one. */
export function planOf(answer: Answer): PlanSubmission | undefined {
  const read = readAnswer(answer, SUBMIT_PLAN.name, PlanSubmission);
  return read.kind === 'submitted' ? read.value : undefined;
}

/** What is wrong with a plan, as a sentence for the model; undefined if it can be run. */
export function faultOf({ tasks }: PlanSubmission, roles: readonly string[], tasksMax: number): string | undefined {
  const ids = new Set(tasks.map(({ id }) => id));
  if (tasks.length > tasksMax) return `The plan has ${tasks.length} tasks; at most ${tasksMax} are allowed.`;
  if (ids.size < tasks.length) return 'Two tasks have the same id.';
  for (const { id, role, dependsOn } of tasks) {
    if (!roles.includes(role)) return `Task ${id} is for "${role}"; the roles are ${roles.join(', ')}.`;
    const missing = dependsOn.find((dependency) => !ids.has(dependency));
    if (missing !== undefined) return `Task ${id} depends on "${missing}", which is not in the plan.`;
  }
  const cycle = cycleIn(tasks);
  if (cycle !== undefined) return `The tasks depend on each other in a circle: ${cycle.join(' → ')}.`;
  const last = tasks.filter(({ id }) => !tasks.some(({ dependsOn }) => dependsOn.includes(id)));
  if (last.length !== 1) return `Exactly one task must be last; these are: ${last.map(({ id }) => id).join(', ')}.`;
  return undefined;
}

function cycleIn(tasks: PlanSubmission['tasks']): string[] | undefined {
  const dependencies = new Map(tasks.map(({ id, dependsOn }) => [id, dependsOn]));
  const safe = new Set<string>();
  const visit = (id: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (safe.has(id)) return undefined;
    for (const next of dependencies.get(id) ?? []) {
      const cycle = visit(next, [...path, id]);
      if (cycle !== undefined) return cycle;
    }
    safe.add(id);
    return undefined;
  };
  for (const { id } of tasks) {
    const cycle = visit(id, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
