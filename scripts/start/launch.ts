import { randomBytes } from 'node:crypto';
import { runIdOf, uuidV7 } from '@troupe/actor';
import { GoalOptions, type RunId } from '@troupe/contract';
import type { RunEnd } from '@troupe/nats';
import { createRun, type NewGoal } from '../cli/api-client.ts';
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
import type { StartOptions } from './options.ts';
import { sameGoal } from './unfinished.ts';

const GOAL_CHARS_MAX = 200;
/** How long after its deadline a run may still be without a result before the launcher stops waiting. */
const OVERDUE_MS = 60_000;

type Outcome =
  | { kind: 'ended'; end: RunEnd }
  | { kind: 'overdue'; reason: string }
  | { kind: 'interrupted'; code: number }
  | { kind: 'failed'; reason: string };

/** Its end is in an object because an async function would wait for a bare promise. */
interface Begun {
  ended: Promise<RunEnd>;
}

/** `npm start`: starts everything, runs the goal, stays up or stops. Gives the exit code. */
export async function launch(options: StartOptions, cwd: string): Promise<number> {
  const screen = createScreen(options.quiet);
  const interrupts = catchInterrupts();
  const startedAt = performance.now();
  // Until everything is up there is nothing to stop in order: a second Ctrl-C ends the launcher, and the processes
  // that it started end by themselves.
  interrupts.onSecond(() => process.exit(EXIT.interrupted));
  prepareDataFolder(options.dataDir);
  const docs = options.docs ?? gatherOwnDocuments(options.dataDir);
  for (const line of await describeDocuments(docs)) screen.note(line);
  const company = await startCompany(options, docs, cwd, screen);
  const { cluster } = company;
  interrupts.onSecond(() => {
    screen.note('Stopping at once.');
    void cluster.stopAtOnce();
  });
  const processes = count(cluster.children.length, 'role process', 'role processes');
  screen.note(`Started    NATS at ${cluster.server.url}, ${processes} (${duration(performance.now() - startedAt)})`);
  try {
    return await work(options, company, interrupts, screen);
  } finally {
    await stop(company, screen);
  }
}

async function work(options: StartOptions, company: Company, interrupts: Interrupts, screen: Screen): Promise<number> {
  const diskFull = whenDiskIsFull(options.dataDir).then((reason): Outcome => ({ kind: 'failed', reason }));
  const interrupted = interrupts.first.then((code): Outcome => ({ kind: 'interrupted', code }));
  const begun = interrupts.happened ? undefined : await begin(options, company, screen);
  if (begun !== undefined) {
    const ended = begun.ended.then((end): Outcome => ({ kind: 'ended', end }));
    const outcome = await Promise.race([ended, interrupted, diskFull, overdue(options.goal)]);
    if (outcome.kind === 'ended') {
      const code = await showEnd({ reader: company.reader, screen }, outcome.end, false);
      if (!options.keepRunning) return code;
    } else if (outcome.kind !== 'overdue' || !options.keepRunning) return conclude(outcome);
    // Others' runs go on, whatever became of this one.
    else screen.failure(outcome.reason);
  }
  for (const line of howToGoOn(company.cluster, options)) screen.note(line);
  return conclude(await Promise.race([interrupted, diskFull]));
}

function conclude(outcome: Outcome): number {
  if (outcome.kind === 'interrupted') return outcome.code;
  throw new Failure(outcome.kind === 'ended' ? 'The run ended while nobody waited for it.' : outcome.reason);
}

/** The run of this start: the user's goal, an unfinished run, or the example. Undefined: there is none to wait for. */
async function begin(
  options: StartOptions,
  { bus, tracker, unfinished }: Company,
  screen: Screen,
): Promise<Begun | undefined> {
  const { goal } = options;
  const goesOn = unfinished.findLast((run) => goal === undefined || sameGoal(run, goal));
  for (const { run, goal: published } of unfinished) {
    screen.note(`Goes on    ${run} "${oneLine(goalText(published), GOAL_CHARS_MAX)}"`);
  }
  if (goesOn !== undefined) return { ended: tracker.ended(goesOn.run, true) };
  const next = goal ?? (options.example ? { goal: EXAMPLE_GOAL, options: {} } : undefined);
  if (next === undefined) return undefined;
  // The run follows from tenant and ID: so its first message is expected before there is one.
  const id = uuidV7(Date.now(), randomBytes(10).toString('hex'));
  const run: RunId = runIdOf({ tenant: 'default', id, seq: 0, at: 0 });
  const ended = tracker.ended(run, true);
  screen.note(`Goal       "${oneLine(next.goal, GOAL_CHARS_MAX)}"`);
  screen.note(`Run        ${run}`);
  await createRun(bus, { ...next, id });
  return { ended };
}

/** A run ends at its deadline at the latest. If it does not, something is wrong with it or with the company. */
function overdue(goal: NewGoal | undefined): Promise<Outcome> {
  const { deadline_ms } = GoalOptions.parse(goal?.options ?? {});
  const reason = 'The run has not ended by its deadline; the logs in the data folder may say why.';
  return new Promise((resolve) =>
    setTimeout(() => resolve({ kind: 'overdue', reason }), deadline_ms + OVERDUE_MS).unref(),
  );
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
