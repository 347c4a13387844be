import type { MessageOf, RunId, Token } from '@troupe/contract';
import { BEGINNING, behind, type RunEnd, type RunPosition } from '@troupe/nats';
import { accountOf } from './account.ts';
import { createRun, type NewGoal } from './api-client.ts';
import { exitCodeOf, EXIT } from './failure.ts';
import { catchInterrupts, type Interrupts } from './interrupt.ts';
import { RunTracker } from './run-tracker.ts';
import type { Screen } from './screen.ts';
import type { Session } from './session.ts';
import { terminalJson } from './terminal-text.ts';

export interface RunFlags {
  wait: boolean;
  json?: boolean;
  /** In whose name; the default tenant's if left out. */
  tenant?: Token;
}

/** `troupe run`: publishes a goal; unless told not to wait, shows its progress and prints the report. */
export async function publishAndWait(
  session: Session,
  goal: NewGoal,
  { wait, json = false, tenant }: RunFlags,
): Promise<number> {
  const { bus, screen } = session;
  const run = await createRun(bus, goal, tenant);
  if (!wait) {
    await screen.result(json ? terminalJson({ runId: run }) : run);
    screen.aside(`See it with: npx troupe watch ${run}`);
    return 0;
  }
  // Before anybody can read which run it is: Ctrl-C right after that must not end this process without a word.
  const interrupts = catchInterrupts();
  screen.note(`Run ${run}`);
  return await waitFor(session, run, { json, interrupts });
}

interface Waiting {
  json?: boolean;
  interrupts?: Interrupts;
  /** What is before it is known already, and not shown. */
  after?: RunPosition | undefined;
}

/** `troupe watch <run>`, and the second half of `troupe run`: from the beginning of the run, or a position, to its report. */
export async function waitFor(
  session: Session,
  run: RunId,
  { json = false, interrupts = catchInterrupts(), after }: Waiting,
): Promise<number> {
  const { reader, screen } = session;
  const tracker = new RunTracker(screen);
  const ended = tracker.ended(run, true);
  // What is told of an entry depends on those before it.
  if (after !== undefined) for (const entry of await reader.log(run)) if (entry.seq <= after.seq) tracker.recall(entry);
  const following = reader.follow(run, after === undefined ? BEGINNING : behind(after), (entry) => tracker.take(entry));
  const outcome = await Promise.race([ended, interrupts.first]);
  await following.stop();
  if (typeof outcome === 'number') {
    screen.note(`The run goes on. See it with: npx troupe watch ${run}`);
    return outcome;
  }
  return await showEnd(session, outcome, json);
}

/** The report on standard output, and the account of the run on standard error. Gives the exit code of the run. */
export async function showEnd(
  { reader, screen }: Pick<Session, 'reader' | 'screen'>,
  end: RunEnd,
  json: boolean,
): Promise<number> {
  if (end.kind === 'unreadable') {
    const { run: runId, endedAt, reason } = end;
    if (json) await screen.result(terminalJson({ runId, status: end.kind, reason, endedAt }, 2));
    screen.failure(reason);
    return EXIT.failed;
  }
  const ended = end.message;
  if (json) await screen.result(terminalJson({ runId: ended.run, ...ended.body, endedAt: ended.at }, 2));
  else if (ended.body.markdown !== '') {
    screen.note('');
    await screen.result(ended.body.markdown);
  }
  if (screen.quiet) sayShortfall(ended, screen);
  else screen.note(['', ...accountOf(ended, await reader.log(ended.run))].join('\n'));
  return exitCodeOf(ended.body.status);
}

const SHORTFALLS = {
  partial: 'The report is partial',
  failed: 'The run failed',
  cancelled: 'The run was cancelled',
  rejected: 'The goal was rejected',
} as const;

function sayShortfall({ body: { status, reason } }: MessageOf<'run.ended'>, screen: Screen): void {
  if (status !== 'completed') screen.failure(`${SHORTFALLS[status]}: ${reason ?? 'no reason was given'}`);
}
