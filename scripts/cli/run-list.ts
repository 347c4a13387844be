import { runIdOf } from '@troupe/actor';
import { RunId, type RunRef, type RUN_STATUSES } from '@troupe/contract';
import type { PublishedGoal, RunReader } from '@troupe/nats';
import { EXIT, Failure } from './failure.ts';

export interface ListedRun {
  run: RunId;
  goal: PublishedGoal;
  /** `unreadable`: the run has ended, but its result cannot be read. */
  status: (typeof RUN_STATUSES)[number] | 'running' | 'unreadable';
  /** What is wrong with a result that cannot be read. */
  reason?: string;
  /** Unix ms; undefined while it is running. */
  endedAt: number | undefined;
  tokens: number | undefined;
}

/** How many of the newest runs are looked at: bounds every listing and search for a prefix. */
const GOALS_MAX = 10_000;
const READS_IN_FLIGHT = 32;

/** The runs of the newest goals published at or after `since` (Unix ms), oldest first; at most `runsMax`, the newest. */
export async function listRuns(reader: RunReader, since: number, runsMax: number): Promise<ListedRun[]> {
  return await listed(reader, await reader.goals(GOALS_MAX, since), runsMax);
}

/** Those of them that have not ended. */
export async function unfinishedRuns(reader: RunReader, runsMax: number): Promise<ListedRun[]> {
  const runs = await listed(reader, await reader.goals(GOALS_MAX, 0, 'log'), runsMax);
  return runs.filter(({ status }) => status === 'running');
}

async function listed(reader: RunReader, all: readonly PublishedGoal[], runsMax: number): Promise<ListedRun[]> {
  const goals = all.slice(-runsMax);
  const runs: ListedRun[] = [];
  for (let start = 0; start < goals.length; start += READS_IN_FLIGHT) {
    const batch = goals.slice(start, start + READS_IN_FLIGHT);
    runs.push(...(await Promise.all(batch.map((goal) => listedRun(reader, goal)))));
  }
  return runs;
}

async function listedRun(reader: RunReader, goal: PublishedGoal): Promise<ListedRun> {
  const end = await reader.end(goal.run);
  if (end === undefined) return { run: goal.run, goal, status: 'running', endedAt: undefined, tokens: undefined };
  if (end.kind === 'unreadable') {
    const { kind: status, endedAt, reason } = end;
    return { run: goal.run, goal, status, reason, endedAt, tokens: undefined };
  }
  const { message } = end;
  return { run: goal.run, goal, status: message.body.status, endedAt: message.at, tokens: message.body.spent.tokens };
}

/** The text of a goal; of one that was refused, how it began. */
export const goalText = (goal: PublishedGoal): string =>
  goal.type === 'goal.accepted' ? goal.goal.goal : goal.excerpt;

const ownIdOf = (goal: PublishedGoal): string | undefined => (goal.type === 'goal.accepted' ? goal.goal.id : undefined);

const bare = (name: string): string => name.toLowerCase().replaceAll('-', '');

/**
 * The run that a person means: by its ID, by the `id` that its goal was published with, by the beginning of its ID, or by
 * its end as progress lines show it. The trace ID (without dashes) is the same name. Throws a Failure if none or several
 * are meant.
 */
export async function findRun(reader: RunReader, name: string): Promise<RunRef> {
  const wanted = bare(name);
  const whole = await goalOf(reader, wanted);
  if (whole !== undefined) return whole;
  const goals = await reader.goals(GOALS_MAX);
  const same = goals.find(({ run }) => bare(run) === wanted);
  if (same !== undefined) return same;
  const listed = goals.filter((goal) => ownIdOf(goal) === name);
  const published = listed.length > 0 ? listed : await goalsWithId(reader, name);
  const isPart = /^[0-9a-f]{1,32}$/.test(wanted);
  const found = [...new Set([...published, ...(isPart ? runsWithPart(goals, wanted) : [])])];
  const [only, ...others] = found;
  if (only === undefined && !isPart) {
    throw new Failure(
      `No goal was published with the id "${name}", and it is no run ID: those have the digits 0–9 and a–f and dashes only. See: npx troupe runs`,
      EXIT.usage,
    );
  }
  if (only === undefined) throw new Failure(`There is no run ${name}. See: npx troupe runs --since 7d`);
  if (others.length > 0) {
    throw new Failure(
      `${found.length} runs are meant by "${name}", for example ${only.run} and ${others[0]?.run ?? ''}: give more of the ID.`,
      EXIT.usage,
    );
  }
  return only;
}

/** By its whole ID a run is found however long ago it was. */
async function goalOf(reader: RunReader, digits: string): Promise<PublishedGoal | undefined> {
  const match = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(digits);
  const run = RunId.safeParse(match?.slice(1).join('-'));
  return run.success ? await reader.goal(run.data) : undefined;
}

/** The same by the `id` of its goal, which the ID of the run follows from. */
async function goalsWithId(reader: RunReader, id: string): Promise<PublishedGoal[]> {
  const runs = reader.tenants.map((tenant) => runIdOf({ tenant, id, seq: 0, at: 0 }));
  const found = await Promise.all(runs.map((run) => reader.goal(run)));
  return found.filter((goal) => goal !== undefined);
}

/** The beginning of a run ID counts before its end. */
function runsWithPart(goals: readonly PublishedGoal[], part: string): PublishedGoal[] {
  const byStart = goals.filter(({ run }) => bare(run).startsWith(part));
  return byStart.length > 0 ? byStart : goals.filter(({ run }) => bare(run).endsWith(part));
}
