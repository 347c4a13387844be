import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { readSubmission } from '@troupe/actor';
import {
  goalsStream,
  type LogLayout,
  parseRunSubject,
  type RunRef,
  STREAMS,
  subjects,
  type Token,
} from '@troupe/contract';
import { z } from 'zod';
import type { Bus } from '../bus/connect.ts';
import type { StoredMessage } from '../bus/direct-get.ts';
import { readStored } from '../reading/read-batch.ts';
import { deleteStored } from './delete-stored.ts';

/** All runs of a tenant, or one of them. */
export type Erasable = { tenant: Token; run?: undefined } | RunRef;

/** Where something of a tenant may be, and what of it is meant. */
interface Place {
  stream: string;
  subject: string;
  isMeant(stored: StoredMessage): boolean;
}

const DELETES_AT_ONCE = 32;
/** An archiver that has read a run writes it within this, unless it stands still. */
const ARCHIVER_MS = 2_000;
/** A part of an archive may have hundreds of kilobytes. */
const BATCH = 64;
const Letter = z.object({ subject: z.string() });

/**
 * Erases everything that the broker keeps of a tenant, or of one of its runs: messages are overwritten in the store, not
 * only forgotten. What is still under way writes on: everything has to be over. Returns the number of messages per
 * stream. May be run again after a failure.
 */
export async function erase(admin: Bus, what: Erasable): Promise<Map<string, number>> {
  const manager = await jetstreamManager(admin.nc, { timeout: 10_000 });
  const erased = new Map<string, number>();
  const places = placesOf(admin.layout, what);
  const pass = async () => {
    for (const place of places) {
      const count = await eraseAt(admin, manager, place);
      erased.set(place.stream, (erased.get(place.stream) ?? 0) + count);
    }
  };
  await pass();
  // An archiver that had just begun may have read what was there, and written it anew.
  await new Promise((resolve) => setTimeout(resolve, ARCHIVER_MS));
  await pass();
  return erased;
}

function placesOf(layout: LogLayout, what: Erasable): Place[] {
  const { tenant, run } = what;
  const all = () => true;
  const runs = (): Place[] =>
    run === undefined
      ? layout.streams.map((stream, shard) => ({ stream, subject: subjects.runsOf(shard, tenant), isMeant: all }))
      : [{ stream: layout.streamOf(run), subject: layout.run(what), isMeant: all }];
  const isGoal = ({ subject, bytes, seq, at }: StoredMessage) =>
    run === undefined || readSubmission(subject, bytes, seq, at)?.run === run;
  const timers = [subjects.timersIn(tenant), subjects.dueIn(tenant)].map((subject): Place => ({
    stream: STREAMS.timers,
    subject,
    isMeant: all,
  }));
  return [
    { stream: goalsStream(tenant), subject: subjects.goals(tenant), isMeant: isGoal },
    { stream: goalsStream(tenant), subject: subjects.cancel(tenant, run ?? '*'), isMeant: all },
    ...runs(),
    {
      stream: STREAMS.archive,
      subject: run === undefined ? subjects.archiveOf(tenant) : subjects.archived({ tenant, run }, '*'),
      isMeant: all,
    },
    // A run shares its timers' messages with others; they hold its ID and a time.
    ...(run === undefined ? timers : []),
    { stream: STREAMS.dead, subject: subjects.allDead, isMeant: ({ bytes }) => isOfRuns(what, letterSubject(bytes)) },
  ];
}

/** Whether a subject, of whatever kind, is of the tenant, or of its run. */
function isOfRuns({ tenant, run }: Erasable, subject: string): boolean {
  const address = parseRunSubject(subject);
  if (address !== undefined) return address.tenant === tenant && (run === undefined || address.run === run);
  const [, kind, first, second] = subject.split('.');
  switch (kind) {
    case 'goals':
      return run === undefined && first === tenant;
    case 'cancel':
      return first === tenant && (run === undefined || second === run);
    case 'due':
      return run === undefined && second === tenant;
    default:
      return false;
  }
}

function letterSubject(bytes: Uint8Array): string {
  try {
    return Letter.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).subject;
  } catch {
    return '';
  }
}

async function eraseAt(admin: Bus, manager: JetStreamManager, { stream, subject, isMeant }: Place): Promise<number> {
  const sequences: number[] = [];
  for await (const stored of readStored(admin, { stream, subject, fromSeq: 1, batch: BATCH }))
    if (isMeant(stored)) sequences.push(stored.seq);
  const waiting = [...sequences];
  // The oldest last: by its first message a run is found again if this is cut off.
  const work = async (): Promise<void> => {
    for (let seq = waiting.pop(); seq !== undefined; seq = waiting.pop()) await deleteStored(manager, stream, seq);
  };
  await Promise.all(Array.from({ length: DELETES_AT_ONCE }, work));
  return sequences.length;
}
