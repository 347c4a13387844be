import { auditRun, type Stored } from '@troupe/audit';
import { readSubmission } from '@troupe/actor';
import { goalsStream, INTAKE, parseRunSubject, RunId, subjects } from '@troupe/contract';
import { type Erasable, erase, readStored, type RunReader } from '@troupe/nats';
import { EXIT, Failure } from './failure.ts';
import { count } from './one-line.ts';
import { findRun } from './run-list.ts';
import { asAdmin, inSession, type Session } from './session.ts';

export interface EraseFlags {
  tenant?: string;
  run?: string;
  yes?: boolean;
}

/** Stands below the options in `troupe erase --help`. */
export const ERASE_HELP = `
Overwrites every message of the tenant, or of the run, in all streams: goals, cancels, log, archive, dead letters, and of a
tenant also its timers. It cannot be undone. All of its work has to be over: cancel its runs first, and wait until what
they had asked of models has come back and the archiver, which has to be up, has archived them. Processes remember runs
for a while: start them again before an id of an erased goal is used again. It may be run again if it was cut off; then
name the run by its whole ID, with its tenant.
Needs the folder "admin" in TROUPE_AUTH_DIR. The tenant's key stays: to keep its clients out as well, take its folder
from the credentials and write the configuration again (npm run nats-auth).`;

/** `troupe erase`: gives the exit code. */
export function eraseEverything(flags: EraseFlags): Promise<number> {
  if (flags.tenant === undefined && flags.run === undefined)
    throw new Failure('Say what to erase: --tenant <name>, or --run <id>.', EXIT.usage);
  return inSession(false, async (session) => {
    const what = await meant(session, flags);
    const name = what.run === undefined ? `the tenant ${what.tenant}` : `the run ${what.run}`;
    const open = await underWay(session, what, Date.now());
    if (open > 0)
      throw new Failure(
        `Of ${name} ${count(open, 'run')} ${open === 1 ? 'is' : 'are'} not over: see npx troupe erase --help.`,
      );
    if (flags.yes !== true) throw new Failure(`This erases ${name} for ever. Say so with --yes.`, EXIT.usage);
    const erased = await asAdmin(session, (admin) => erase(admin, what));
    const all = [...erased.values()].reduce((sum, messages) => sum + messages, 0);
    const places = [...erased]
      .filter(([, messages]) => messages > 0)
      .map(([stream, messages]) => `${stream} ${messages}`);
    await session.screen.result([`${count(all, 'message')} of ${name} erased`, ...places].join('\n  '));
    return EXIT.completed;
  });
}

async function meant({ reader }: Session, { tenant, run }: EraseFlags): Promise<Erasable> {
  if (run === undefined) return { tenant: tenant ?? '' };
  if (tenant !== undefined && RunId.safeParse(run).success) return { tenant, run };
  const { tenant: owner, run: id } = await findRun(reader, run);
  return { tenant: owner, run: id };
}

/**
 * Runs that may still write, or be written: without a result, with a message that nobody has answered and whose time is
 * not over, with a goal that nobody has taken in yet, or that the archiver is about to archive.
 */
async function underWay({ bus, reader }: Session, { tenant, run }: Erasable, now: number): Promise<number> {
  const { layout } = bus;
  const logs = new Map<string, Stored[]>();
  for (const [shard, stream] of layout.streams.entries()) {
    if (run !== undefined && layout.streamOf(run) !== stream) continue;
    const subject = run === undefined ? subjects.runsOf(shard, tenant) : layout.run({ tenant, run });
    for await (const { subject: place, seq, at, bytes } of readStored(bus, { stream, subject, fromSeq: 1 })) {
      const key = parseRunSubject(place)?.run ?? '';
      const log = logs.get(key) ?? [];
      log.push({ subject: place, seq, storedAt: at, bytes });
      logs.set(key, log);
    }
  }
  let open = 0;
  for (const [id, stored] of logs) if (mayWrite(id, stored, now) || !(await isArchived(reader, id, stored))) open += 1;
  let waiting = 0;
  for await (const goal of readStored(bus, {
    stream: goalsStream(tenant),
    subject: subjects.goals(tenant),
    fromSeq: 1,
  })) {
    const id = readSubmission(goal.subject, goal.bytes, goal.seq, goal.at)?.run;
    const isMeant = id !== undefined && (run === undefined || run === id) && !logs.has(id);
    if (isMeant && (await reader.goal(id)) === undefined) waiting += 1;
  }
  return open + waiting;
}

/** Whether the archive has what the log has of a run. What never began is never archived. */
async function isArchived(reader: RunReader, run: string, stored: readonly Stored[]): Promise<boolean> {
  if (!hasBegun(stored)) return true;
  const { log } = await reader.archived(run);
  return (log.at(-1)?.seq ?? 0) >= (stored.at(-1)?.seq ?? 0);
}

/** What names a run without a beginning was written by nobody who may: it is in nobody's way. */
const hasBegun = (stored: readonly Stored[]): boolean =>
  stored.some(({ subject }) => {
    const address = parseRunSubject(subject);
    return address?.from === INTAKE && address.ordinal === 0;
  });

function mayWrite(run: string, stored: readonly Stored[], now: number): boolean {
  const { status, awaited } = auditRun(run, stored, { now });
  return hasBegun(stored) && (status === 'under way' || awaited > 0);
}
