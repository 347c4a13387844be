import {
  decode,
  idOfAddress,
  MalformedError,
  Message,
  type MessageOf,
  parseRunSubject,
  type RunAddress,
  USER,
} from '@troupe/contract';
import type { Msg } from '@nats-io/nats-core';

/**
 * The result that was heard on `troupe.results.<tenant>.<run>.…`, or undefined if that message is none: whoever may ask a
 * question may have its answer delivered there. An answer never has the headers that the stream puts on what it stored,
 * and who has no credentials can publish nothing that has them. Never throws.
 */
export function readLiveResult(heard: Msg): MessageOf<'run.ended'> | undefined {
  const address = storedAddress(heard);
  if (address === undefined || !isHeardAt(heard.subject, address)) return undefined;
  const read = Message.safeParse(decoded(heard.data));
  if (!read.success || read.data.type !== 'run.ended') return undefined;
  return read.data.tenant === address.tenant && read.data.run === address.run && read.data.id === idOfAddress(address)
    ? read.data
    : undefined;
}

/** Where the stream of runs stored it, by the headers of what it republishes. */
function storedAddress({ headers }: Msg): RunAddress | undefined {
  if (headers === undefined || !/^RUNS_\d+$/.test(headers.get('Nats-Stream'))) return undefined;
  if (!/^[1-9]\d*$/.test(headers.get('Nats-Sequence'))) return undefined;
  return parseRunSubject(headers.get('Nats-Subject'));
}

function isHeardAt(subject: string, { tenant, run, task, to, ordinal }: RunAddress): boolean {
  return to === USER && subject === `troupe.results.${tenant}.${run}.${task}.${ordinal}`;
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
