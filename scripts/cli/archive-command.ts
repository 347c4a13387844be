import { BrokenArchiveError } from '@troupe/archive';
import { auditRun } from '@troupe/audit';
import { type ArchivedRun, eraseArchived } from '@troupe/nats';
import { subjects } from '@troupe/contract';
import { installedRoles } from '../roles.ts';
import { EXIT, Failure } from './failure.ts';
import { count, oneLine } from './one-line.ts';
import { findRun } from './run-list.ts';
import { asAdmin, type Session } from './session.ts';

/** Stands below the options in `troupe archive --help`. */
export const ARCHIVE_HELP = `
A run that is over is written to the archive as a hash chain over all of its messages, and leaves the log an hour later
(TROUPE_ARCHIVE_KEEP_MS). show, result, runs and audit read both. "verify" computes the chain anew and audits what it
holds; note the digest that it prints if you want to be able to tell later that nothing was changed.
"discard" takes a run out of the archive that is whole in the log: the archiver then writes it anew.`;

/** `troupe archive verify`: 0 if the archive of a run is whole and says what a run should. */
export async function verifyArchive({ reader, screen }: Session, name: string): Promise<number> {
  const read = async () => {
    const { run: id } = await findRun(reader, name);
    return { run: id, ...(await reader.archived(id)) };
  };
  const { run, log, parts, to } = await read().catch((error: unknown) => {
    throw error instanceof BrokenArchiveError ? new Failure(`The archive is broken: ${error.message}.`) : error;
  });
  if (parts === 0) throw new Failure(`The run ${run} is not archived: it is not over, or has just ended.`);
  const roles = (await installedRoles()).map(({ declaration }) => declaration);
  const stored = log.map(({ subject, seq, at, bytes }) => ({ subject, seq, storedAt: at, bytes }));
  const { violations, status } = auditRun(run, stored, { roles, now: Date.now() });
  const chain = `${run}  ${status}  ${count(log.length, 'message')} in ${count(parts, 'part')}`;
  const faults = violations.map(({ rule, sentence }) => `  ${rule}: ${oneLine(sentence)}`);
  await screen.result([chain, `  SHA-256 chain ${to}`, ...faults].join('\n'));
  screen.note(faults.length === 0 ? 'The chain is whole, nothing is wrong' : count(faults.length, 'fault'));
  return faults.length === 0 ? EXIT.completed : EXIT.failed;
}

/** `troupe archive discard`: forgets what the archive has of a run that is still in the log. */
export async function discardArchive(session: Session, name: string, isMeant: boolean): Promise<number> {
  const { tenant, run } = await findRun(session.reader, name);
  const { layout } = session.bus;
  if (!(await session.reader.isInLog(run)))
    throw new Failure(`The run ${run} is in the archive alone. To erase it for ever: npx troupe erase --run ${run}`);
  if (!isMeant) throw new Failure(`This takes the run ${run} out of the archive. Say so with --yes.`, EXIT.usage);
  await asAdmin(session, async (admin) => {
    const whole: ArchivedRun = { tenant, run, seqs: [] };
    await eraseArchived(admin, [whole]);
  });
  await session.screen.result(
    `${subjects.archived({ tenant, run }, '*')} is empty; shard ${layout.shardOf(run)} has the run`,
  );
  session.screen.note(
    'The archiver writes the run anew, before it leaves the log; one that has told a fault when it starts again.',
  );
  return EXIT.completed;
}
