import { call, type Conversation, type SpokenCall } from '../character.ts';
import { firstText, itemsOf, sectionOf, userTexts } from './reading.ts';

const TASKS_DEFAULT = 3;
const TITLE_CHARS_MAX = 120;
const RESEARCH = /research/;
const WRITING = /writ/;

/** The plan of a goal: one search for each of its parts, `searchesMax` at most, and a writer behind them. */
export function plan(conversation: Conversation, searchesMax: number): SpokenCall {
  const text = firstText(conversation);
  const goal = sectionOf(text, 'Goal') || text;
  const roles = itemsOf(sectionOf(text, 'Roles')).map((item) => item.split(':', 1)[0] ?? item);
  const researcher = roles.find((role) => RESEARCH.test(role)) ?? 'researcher';
  const writer = roles.find((role) => WRITING.test(role)) ?? 'writer';
  const searches = Math.max(0, Math.min(searchesMax, tasksMaxOf(conversation) - 1));
  const found = partsOf(goal, searches).map((part, index) => ({
    id: `r${index + 1}`,
    role: researcher,
    title: part.slice(0, TITLE_CHARS_MAX),
    instructions: `Find what the documents say about: ${part}`,
    dependsOn: [],
  }));
  const report = {
    id: 'w1',
    role: writer,
    title: 'Write the report',
    instructions: 'Write a short report that answers the goal from the findings.',
    dependsOn: found.map(({ id }) => id),
  };
  return call('submit_plan', { tasks: [...found, report] });
}

/** The least that was said: a plan that is sent back names the limit again. */
function tasksMaxOf(conversation: Conversation): number {
  const said = userTexts(conversation).flatMap((text) => [...text.matchAll(/at most (\d+)(?: tasks| are)/gi)]);
  return said.length === 0 ? TASKS_DEFAULT : Math.min(...said.map((match) => Number(match[1])));
}

/** The sentences and clauses of a goal; the last one holds what is over. */
function partsOf(goal: string, max: number): string[] {
  const parts = goal
    .split(/(?<=[.?!;])\s+|\n+|,? and (?=how|why|what|when|where|which|who)/)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]{3}/u.test(part));
  if (max === 0) return [];
  return parts.length <= max ? parts : [...parts.slice(0, max - 1), parts.slice(max - 1).join(' ')];
}
