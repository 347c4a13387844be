import { randomBytes } from 'node:crypto';
import { runIdOf, uuidV7 } from '@troupe/actor';
import { GoalOptions, type RunId } from '@troupe/contract';
import type { PublishedGoal, RunEnd } from '@troupe/nats';
import { createRun } from '../cli/api-client.ts';
import { EXIT, Failure } from '../cli/failure.ts';
import { catchInterrupts, type Interrupts } from '../cli/interrupt.ts';
import { count, duration, oneLine } from '../cli/one-line.ts';
import { showEnd } from '../cli/publish-and-wait.ts';
import { goalText } from '../cli/run-list.ts';
import { createScreen, type Screen } from '../cli/screen.ts';
import { type Company, startCompany } from './company.ts';
import { prepareDataFolder, whenDiskIsFull } from './data-folder.ts';
import { describeDocuments, gatherOwnDocuments } from './documents.ts';
import { EXAMPLE_GOAL, howToGoOn } from './guide.ts';
import { describeModels } from './model-note.ts';
import type { StartOptions } from './options.ts';
import { sameGoal } from './unfinished.ts';

const GOAL_CHARS_MAX = 200;
/** How long after its deadline a run may still be without a result before the launcher stops waiting. */
const OVERDUE_MS = 60_000;
const OVERDUE = 'The run has not ended by its deadline; the logs in the data folder may say why.';

type Outcome =
  | { kind: 'ended'; end: RunEnd }
  | { kind: 'interrupted'; code: number }
  | { kind: 'failed'; reason: string }
  | { kind: 'overdue' };

/** A run that is waited for. Its end is in an object because an async function would wait for a bare promise. */
interface Begun {
  ended: Promise<RunEnd>;
  /** How long it is waited for, in ms: until its deadline, and somewhat longer. */
  patienceMs: number;
}

/**
 * `npm start`: starts everything, runs the goal, stays up or stops. Gives the exit code. A run that has not ended
 * `overdueMs` after its deadline is waited for no longer.
 */
export async function launch(options: StartOptions, cwd: string, overdueMs: number = OVERDUE_MS): Promise<number> {
  const screen = createScreen(options.quiet);
  const interrupts = catchInterrupts();
  const startedAt = performance.now();
  // Until everything is up there is nothing to stop in order: a second Ctrl-C ends the launcher, and the processes
  // that it started end by themselves.
  interrupts.onSecond(() => process.exit(EXIT.interrupted));
  prepareDataFolder(options.dataDir);
  const docs = options.docs ?? gatherOwnDocuments(options.dataDir);
  for (const line of await describeDocuments(docs)) screen.note(line);
  for (const line of await describeModels(options, process.env)) screen.note(line);
  const company = await startCompany(options, docs, cwd, screen);
  const { cluster } = company;
  interrupts.onSecond(() => {
    screen.note('Stopping at once.');
    void cluster.stopAtOnce();
  });
  const processes = count(cluster.children.length, 'role process', 'role processes');
  screen.note(`Started    NATS at ${cluster.server.url}, ${processes} (${duration(performance.now() - startedAt)})`);
  try {
    return await work(options, { ...company, overdueMs }, interrupts, screen);
  } finally {
    await stop(company, screen);
  }
}

/** What a start works with: the company, and its patience with a run that is overdue. */
interface Work extends Company {
  overdueMs: number;
}

async function work(options: StartOptions, company: Work, interrupts: Interrupts, screen: Screen): Promise<number> {
  const diskFull = whenDiskIsFull(options.dataDir).then((reason): Outcome => ({ kind: 'failed', reason }));
  const interrupted = interrupts.first.then((code): Outcome => ({ kind: 'interrupted', code }));
  const outcomeOf = (begun: Begun | undefined): Promise<Outcome> | undefined => {
    const ended = begun?.ended.then((end): Outcome => ({ kind: 'ended', end }));
    return ended && begun && Promise.race([ended, interrupted, diskFull, overdue(begun.patienceMs)]);
  };
  const earlier = interrupts.happened ? undefined : goOn(options, company, screen);
  let outcome = await outcomeOf(earlier);
  if (outcome?.kind === 'overdue') screen.note('That run has not ended by its deadline; Troupe goes on without it.');
  if (!interrupts.happened && (outcome === undefined || outcome.kind === 'overdue')) {
    outcome = await outcomeOf(await begin(options, company, screen));
  }
  if (outcome?.kind === 'ended') {
    const code = await showEnd({ reader: company.reader, screen }, outcome.end, false);
    if (!options.keepRunning) return code;
  } else if (outcome?.kind === 'overdue' && options.keepRunning) screen.note(OVERDUE);
  else if (outcome !== undefined) return conclude(outcome);
  for (const line of howToGoOn(company.cluster, options)) screen.note(line);
  return conclude(await Promise.race([interrupted, diskFull]));
}

function conclude(outcome: Outcome): number {
  if (outcome.kind === 'interrupted') return outcome.code;
  throw new Failure(outcome.kind === 'failed' ? outcome.reason : OVERDUE);
}

/** The unfinished run of an earlier start that this one waits for: of the same goal, or without a goal the newest. */
function goOn({ goal }: StartOptions, { tracker, unfinished, overdueMs }: Work, screen: Screen): Begun | undefined {
  for (const { run, goal: published } of unfinished) {
    screen.note(`Goes on    ${run} "${oneLine(goalText(published), GOAL_CHARS_MAX)}"`);
  }
  const found = unfinished.findLast((run) => goal === undefined || sameGoal(run, goal));
  if (found === undefined) return undefined;
  return { ended: tracker.ended(found.run, true), patienceMs: remainingMs(found.goal) + overdueMs };
}

/** How long a run has until its deadline, in ms: 0 if that passed while nothing ran. */
function remainingMs(published: PublishedGoal): number {
  if (published.type !== 'goal.accepted') return 0;
  return Math.max(0, published.at + published.goal.options.deadline_ms - Date.now());
}

/** The new run of this start: the user's goal or the example. Undefined: there is none to wait for. */
async function begin(
  options: StartOptions,
  { bus, tracker, overdueMs }: Work,
  screen: Screen,
): Promise<Begun | undefined> {
  const goal = options.goal ?? (options.example ? { goal: EXAMPLE_GOAL, options: {} } : undefined);
  if (goal === undefined) return undefined;
  // The run follows from tenant and ID: so its first message is expected before there is one.
  const id = uuidV7(Date.now(), randomBytes(10).toString('hex'));
  const run: RunId = runIdOf({ tenant: 'default', id, seq: 0, at: 0 });
  const ended = tracker.ended(run, true);
  screen.note(`Goal       "${oneLine(goal.goal, GOAL_CHARS_MAX)}"`);
  screen.note(`Run        ${run}`);
  await createRun(bus, { ...goal, id });
  return { ended, patienceMs: GoalOptions.parse(goal.options).deadline_ms + overdueMs };
}

/** A run ends at its deadline at the latest. If it does not, something is wrong with it or with the company itself. */
function overdue(patienceMs: number): Promise<Outcome> {
  return new Promise((resolve) => setTimeout(() => resolve({ kind: 'overdue' }), patienceMs).unref());
}

async function stop({ cluster, bus, following, tracker }: Company, screen: Screen): Promise<void> {
  await following.stop();
  const { open } = tracker;
  screen.note(
    open === 0 ? 'Stopping …' : `Stopping … ${unfinishedPhrase(open)} at the next start with this data folder.`,
  );
  await bus.nc.close();
  await cluster.stop();
  screen.aside('Everything is stopped.');
}

const unfinishedPhrase = (open: number): string =>
  open === 1 ? 'one run is not finished and goes on' : `${open} runs are not finished and go on`;
