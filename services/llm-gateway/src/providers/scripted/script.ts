import type {
  DraftSubmission,
  FindingsSubmission,
  PlannedTask,
  PlanSubmission,
  Question,
  ReviewSubmission,
} from '@troupe/contract';
import { callable, factsOf, PlanData, ResearchData, ReviewData, WriteData } from '../facts.ts';
import { returnedPassages } from '../returned-passages.ts';

export interface Call {
  name: string;
  arguments: Record<string, unknown>;
}

/** A goal that starts like this makes every research task use the tool that has an effect. */
const NOTE_GOAL = /^\s*note:/i;
const TEXT_CHARS_MAX = 200;

/** Two research tasks and the writer that needs both. */
export function plan(question: Question): PlanSubmission {
  const goal = factsOf(question, PlanData)?.goal.slice(0, TEXT_CHARS_MAX) || 'no goal';
  const task = (id: string, role: string, dependsOn: string[]): PlannedTask => ({
    id,
    role,
    title: `Task ${id}`,
    instructions: goal,
    dependsOn,
  });
  return { tasks: [task('r1', 'researcher', []), task('r2', 'researcher', []), task('w1', 'writer', ['r1', 'r2'])] };
}

/** The one tool call of a research task, or undefined when it has been made or is not offered. */
export function firstResearchCall(question: Question): Call | undefined {
  if (question.turns.some(({ role }) => role === 'tool')) return undefined;
  const goal = factsOf(question, ResearchData)?.goal ?? '';
  const call = NOTE_GOAL.test(goal)
    ? { name: 'append_note', arguments: { text: question.id } }
    : { name: 'search_documents', arguments: { query: 'durable log' } };
  return callable(question).some(({ name }) => name === call.name) ? call : undefined;
}

/** One claim that cites the first passage returned, or none and a gap. */
export function findings(question: Question): FindingsSubmission {
  const first = returnedPassages(question.turns)[0];
  if (!first) return { claims: [], gaps: ['The scripted tool call returned no passage.'] };
  const { path, startLine, endLine, text } = first;
  const quote = text.replace(/\s+/g, ' ').trim().slice(0, TEXT_CHARS_MAX) || 'An empty passage.';
  return { claims: [{ text: quote, source: { path, startLine, endLine } }], gaps: [] };
}

/** Two short sentences that cite the first claim's source, or one that says that there is none. */
export function draft(question: Question): DraftSubmission {
  const source = factsOf(question, WriteData)?.claims[0]?.source;
  const title = '# Scripted report';
  if (source === undefined) return { markdown: `${title}\n\nThe documents do not hold an answer.` };
  return { markdown: `${title}\n\nThis is the first finding [${source}]. This is the second finding [${source}].` };
}

/** Asks for one revision and then accepts. */
export function review(question: Question): ReviewSubmission {
  const round = factsOf(question, ReviewData)?.round ?? 1;
  return round === 1
    ? { verdict: 'revise', reasons: ['The script asks for one revision.'] }
    : { verdict: 'accept', reasons: [] };
}
