import { type RunId } from '@troupe/contract';
import { formatPosition, type RunPosition } from '@troupe/nats';
import { cancelRun } from './api-client.ts';
import { conversationOf } from './conversation.ts';
import { EXIT, Failure } from './failure.ts';
import { catchInterrupts } from './interrupt.ts';
import { count } from './one-line.ts';
import { showEnd, waitFor } from './publish-and-wait.ts';
import { findRun, listRuns } from './run-list.ts';
import { runTable } from './run-table.ts';
import { RunTracker } from './run-tracker.ts';
import type { Session } from './session.ts';
import { terminalJson } from './terminal-text.ts';

/** `troupe runs`: the newest runs since a time, newest last. */
export async function showRuns(
  { reader, screen }: Session,
  sinceMs: number,
  limit: number,
  json: boolean,
): Promise<number> {
  const now = Date.now();
  const runs = await listRuns(reader, now - sinceMs, limit);
  if (json)
    await screen.result(
      terminalJson(
        runs.map(({ goal, ...run }) => ({ ...run, publishedAt: goal.at, goal })),
        2,
      ),
    );
  else if (runs.length > 0) await screen.result(runTable(runs, now).join('\n'));
  screen.aside(
    runs.length === limit ? `The newest ${count(limit, 'run')}; more with --limit.` : count(runs.length, 'run'),
  );
  return EXIT.completed;
}

/** `troupe show`: the whole conversation of a run. */
export async function showConversation(
  { bus, reader, screen }: Session,
  name: string,
  full: boolean,
  json: boolean,
): Promise<number> {
  const { run } = await findRun(reader, name);
  const log = await reader.log(run);
  if (json) {
    const shard = bus.layout.shardOf(run);
    const messages = log.map(({ seq, storedAt, from, to, read }) => ({
      seq,
      position: formatPosition({ shard, seq }),
      storedAt,
      from,
      to,
      ...(read.ok ? read.message : { unreadable: read }),
    }));
    await screen.result(terminalJson(messages, 2));
    return EXIT.completed;
  }
  if (log.length === 0) throw new Failure(`The run ${run} has not begun yet.`);
  screen.note(`Run ${run}: ${count(log.length, 'durable message')}`);
  await screen.result(conversationOf(run, log, full).join('\n'));
  return EXIT.completed;
}

/** `troupe result`: the report of a run that has ended; its exit code is the run's. */
export async function showResult(session: Session, name: string, json: boolean): Promise<number> {
  const { run } = await findRun(session.reader, name);
  const end = await session.reader.end(run);
  if (end === undefined) throw new Failure(`The run ${run} has not ended yet. See it with: npx troupe watch ${run}`);
  return await showEnd(session, end, json);
}

/** `troupe cancel`: asks for the end of a run and waits until it has ended. */
export async function cancel(session: Session, name: string): Promise<number> {
  const { bus, reader, screen } = session;
  const found = await findRun(reader, name);
  const { run } = found;
  await cancelRun(bus, found);
  const status = await statusAfterCancel(session, run);
  await screen.result(`${run} ${status}`);
  return EXIT.completed;
}

const CANCEL_MS_MAX = 10_000;
const CANCEL_POLL_MS = 100;

async function statusAfterCancel({ reader }: Session, run: RunId): Promise<string> {
  const deadline = Date.now() + CANCEL_MS_MAX;
  while (Date.now() < deadline) {
    const end = await reader.end(run);
    if (end !== undefined) return end.kind === 'readable' ? end.message.body.status : `ended. ${end.reason}`;
    await new Promise((resolve) => setTimeout(resolve, CANCEL_POLL_MS));
  }
  return 'cancelling';
}

/** `troupe watch`: one run from a position on until it ends, or whatever happens from now on until Ctrl-C. */
export async function watch(session: Session, name: string | undefined, after?: RunPosition): Promise<number> {
  const { bus, reader, screen } = session;
  if (name !== undefined) {
    const { run } = await findRun(reader, name);
    if (after !== undefined && after.shard !== bus.layout.shardOf(run))
      throw new Failure(`The position ${formatPosition(after)} is not one of the run ${run}.`, EXIT.usage);
    return await waitFor(session, run, { after });
  }
  if (after !== undefined) throw new Failure('A position is one of a run: name the run, too.', EXIT.usage);
  const tracker = new RunTracker(screen);
  const following = reader.follow('all', await reader.position(), (entry) => tracker.take(entry));
  screen.note('Watching all runs from now on; Ctrl-C ends it.');
  const code = await catchInterrupts().first;
  await following.stop();
  return code;
}
