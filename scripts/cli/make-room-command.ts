import { archivedBefore, eraseArchived, type Fill, fillOf } from '@troupe/nats';
import { EXIT, Failure } from './failure.ts';
import { count } from './one-line.ts';
import { asAdmin, type Session } from './session.ts';

export interface MakeRoomFlags {
  /** Milliseconds. */
  olderThan?: number;
  tenant?: string;
  yes?: boolean;
}

/** Stands below the options in `troupe make-room --help`. */
export const MAKE_ROOM_HELP = `
Without --older-than it says how full each stream is. With it, and --yes, archived runs that are older are erased, the
oldest first: their transcripts, results too, are gone for ever. RUNS_<k> empty themselves while the archiver works: runs
leave an hour after their end, and at once when a shard is three quarters full. If one stays full, the archiver is not
there, ARCHIVE is full, or so many runs are under way. Needs the folder "admin" in TROUPE_AUTH_DIR.`;

const MIB = 1024 * 1024;

/** `troupe make-room`: gives the exit code. */
export function makeRoom(session: Session, { olderThan, tenant, yes }: MakeRoomFlags): Promise<number> {
  const { screen } = session;
  return asAdmin(session, async (admin) => {
    if (olderThan === undefined) {
      await screen.result((await fillOf(admin)).map(fillLine).join('\n'));
      return EXIT.completed;
    }
    const old = await archivedBefore(admin, Date.now() - olderThan, tenant);
    const runs = count(old.length, 'archived run');
    if (yes !== true) throw new Failure(`${runs} would be erased for ever. Say so with --yes.`, EXIT.usage);
    await eraseArchived(admin, old);
    await screen.result(`${runs} erased`);
    return EXIT.completed;
  });
}

function fillLine({ stream, messages, bytes, bytesMax }: Fill): string {
  const share = bytesMax > 0 ? `${Math.round((100 * bytes) / bytesMax)} % of ${Math.round(bytesMax / MIB)} MiB` : '';
  return `${stream.padEnd(16)}${count(messages, 'message').padStart(20)}  ${(bytes / MIB).toFixed(1).padStart(10)} MiB  ${share}`;
}
