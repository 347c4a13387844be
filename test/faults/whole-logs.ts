import { BrokenArchiveError, type LoggedMessage, readTranscript } from '@troupe/archive';
import type { Stored } from '@troupe/audit';
import { type LogLayout, parseRunSubject } from '@troupe/contract';

/** Something that is stored on a subject. */
export type Part = Pick<Stored, 'subject' | 'bytes'>;

export interface WholeLogs {
  /** Each run in the order of its shard, wherever its messages are. */
  logs: Map<string, Stored[]>;
  /** Runs that have a transcript in the archive, and those of them of which the log has nothing any more. */
  archived: number;
  left: number;
  /** Sentences: transcripts that are broken, or that say otherwise than the log. */
  wrong: string[];
}

/** Puts together what is in the shards and what is in the archive: a run may be in both while it leaves. Pure. */
export function wholeLogs(layout: LogLayout, live: readonly Stored[], parts: readonly Part[]): WholeLogs {
  const logs = Map.groupBy(live, ({ subject }) => runOf(layout, subject));
  const archive = Map.groupBy(parts, ({ subject }) => subject.split('.').slice(0, -1).join('.'));
  const wrong: string[] = [];
  let left = 0;
  for (const [place, ofRun] of archive) {
    const [, , tenant = '', run = ''] = place.split('.');
    try {
      const transcript = readTranscript({ tenant, run }, inOrder(ofRun)).log;
      const here = logs.get(run) ?? [];
      if (here.length === 0) left += 1;
      wrong.push(...differences(run, transcript, here));
      const rest = here.filter(({ seq }) => seq > (transcript.at(-1)?.seq ?? 0));
      const taken = transcript.map(({ subject, seq, at: storedAt, bytes }) => ({ subject, seq, storedAt, bytes }));
      logs.set(run, [...taken, ...rest]);
    } catch (error) {
      if (!(error instanceof BrokenArchiveError)) throw error;
      wrong.push(`${run}: archive: ${error.message}`);
    }
  }
  return { logs, archived: archive.size, left, wrong };
}

/** What is in another shard than its run is no part of it, for it would be found by nobody: it counts as a run too many. */
function runOf(layout: LogLayout, subject: string): string {
  const address = parseRunSubject(subject);
  return address === undefined || layout.shardOf(address.run) !== address.shard ? subject : address.run;
}

const inOrder = (parts: readonly Part[]): Uint8Array[] =>
  parts
    .map(({ subject, bytes }) => ({ part: Number(subject.split('.').at(-1)), bytes }))
    .toSorted((one, other) => one.part - other.part)
    .map(({ bytes }) => bytes);

/** Messages of the log that the transcript of their run reaches beyond and does not have as they are. */
function differences(run: string, transcript: readonly LoggedMessage[], here: readonly Stored[]): string[] {
  const bySeq = new Map(transcript.map((message) => [message.seq, message]));
  const last = transcript.at(-1)?.seq ?? 0;
  return here.flatMap(({ seq, subject, bytes }) => {
    if (seq > last) return [];
    const there = bySeq.get(seq);
    const isSame = there?.subject === subject && Buffer.from(there.bytes).equals(bytes);
    return isSame ? [] : [`${run}: archive: message ${seq} of the log is not in its transcript`];
  });
}
