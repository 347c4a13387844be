import type { RoleDeclaration } from '@troupe/actor';
import { type LogLayout, STREAMS } from '@troupe/contract';
import { type Bus, type Drift, ensureTopology, type Fill, fillOf } from '@troupe/nats';
import { z } from 'zod';
import { count } from '../cli/one-line.ts';
import { checked, type Finding } from './finding.ts';

/** A stream this full is refused new messages soon. */
const FULL_SHARE = 0.9;
const ASK_MS_MAX = 5_000;
const NAMED_MAX = 3;
const MAKE = 'Start Troupe (npm start): a start makes what is missing.';
const DRIFT = 'See deploy/runbooks/drift.md: nothing is changed by itself.';
const REPLICAS = 'Set TROUPE_STREAM_REPLICAS as it was when the streams were made, or see deploy/runbooks/drift.md.';
const MAKE_ROOM = 'npx troupe make-room --help says what empties it.';

const ConsumerNames = z.object({ consumers: z.array(z.string()).nullish() });

/** Whether the streams and the mailboxes of the roles are there, as they are declared. Changes nothing. */
export function checkStreams(admin: Bus, roles: readonly RoleDeclaration[], replicas: number): Promise<Finding> {
  return checked('streams', DRIFT, async () => {
    const wanted = streamsOf(admin.layout);
    const present = new Set((await fillOf(admin)).map(({ stream }) => stream));
    const missing = wanted.filter((name) => !present.has(name));
    if (missing.length > 0) return failed(`${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`, MAKE);
    const without = await withoutMailbox(admin, roles);
    if (without.length > 0) return failed(`There is no mailbox for ${without.join(', ')}`, MAKE);
    // With everything there it makes nothing: it compares.
    const drift = await ensureTopology(admin, roles, { replicas });
    const facts = { streams: wanted.length, replicas, drift: drift.length };
    if (drift.length > 0) return { ...failed(driftPhrase(drift), adviceFor(drift)), facts };
    const says = `${count(wanted.length, 'stream')} and the mailboxes of ${count(roles.length, 'role')} are as declared`;
    return { check: 'streams', verdict: 'ok', says, facts };
  });
}

const failed = (says: string, change: string): Finding => ({ check: 'streams', verdict: 'failed', says, change });

const streamsOf = (layout: LogLayout): string[] => [
  ...layout.goalStreams,
  ...layout.streams,
  STREAMS.archive,
  STREAMS.dead,
  STREAMS.timers,
];

/** Roles with a stream in which nothing is delivered to them. */
async function withoutMailbox(admin: Bus, roles: readonly RoleDeclaration[]): Promise<string[]> {
  const { layout } = admin;
  const namesIn = (streams: readonly string[]) => Promise.all(streams.map((stream) => consumersIn(admin, stream)));
  const mail = await namesIn(layout.streams);
  const goals = await namesIn([...layout.goalStreams, STREAMS.timers]);
  return roles
    .filter(({ name, consumes, takesGoals }) => {
      const takesMail = Object.keys(consumes).length > 0;
      const hasMail = !takesMail || mail.every((names) => names.includes(name));
      const hasGoals = !takesGoals || goals.every((names) => names.some((one) => one.startsWith(name)));
      return !hasMail || !hasGoals;
    })
    .map(({ name }) => name);
}

async function consumersIn({ nc }: Bus, stream: string): Promise<string[]> {
  const answer = await nc.request(`$JS.API.CONSUMER.NAMES.${stream}`, '{"offset":0}', { timeout: ASK_MS_MAX });
  return ConsumerNames.parse(answer.json()).consumers ?? [];
}

/** What to do about what differs. */
export const adviceFor = (drift: readonly Drift[]): string =>
  drift.every(({ field }) => field === 'num_replicas') ? REPLICAS : DRIFT;

function driftPhrase(drift: readonly Drift[]): string {
  const named = drift
    .slice(0, NAMED_MAX)
    .map(({ what, field, declared, found }) => `${field} of the ${what} is ${found} instead of ${declared}`);
  const more = drift.length - named.length;
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** How full the streams are. */
export function checkStore(admin: Bus): Promise<Finding> {
  return checked('store', MAKE_ROOM, async () => storeFinding(await fillOf(admin)));
}

export function storeFinding(fills: readonly Fill[]): Finding {
  const shares = fills
    .filter(({ bytesMax }) => bytesMax > 0)
    .map(({ stream, bytes, bytesMax }) => ({ stream, share: bytes / bytesMax }))
    .toSorted((one, other) => other.share - one.share);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const facts = Object.fromEntries(shares.map(({ stream, share }) => [stream, Number(share.toFixed(4))]));
  const full = shares.filter(({ share }) => share >= FULL_SHARE);
  if (full.length > 0) {
    const says = `${full.map(({ stream, share }) => `${stream} is ${percent(share)} full`).join(', ')}`;
    return { check: 'store', verdict: 'failed', says, change: MAKE_ROOM, facts };
  }
  const [fullest] = shares;
  const says =
    fullest === undefined
      ? 'No stream has a bound'
      : `The fullest stream is ${fullest.stream}, at ${percent(fullest.share)}`;
  return { check: 'store', verdict: 'ok', says, facts };
}
