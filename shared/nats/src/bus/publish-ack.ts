import { TransientError } from '@troupe/actor';
import type { Msg } from '@nats-io/nats-core';
import { AwayError } from './away-error.ts';

/** The expectation was not met. The description names the last sequence. */
const WRONG_LAST_SEQUENCE = 10071;
/** The leader of a cluster has another message for these subjects on its way to the other servers. It names no sequence. */
const IN_FLIGHT = 10164;
/** The store refused; only the description tells why. */
const NOT_STORED = 10077;
/** A cluster without a leader, or that cannot do it just now. */
const NO_LEADER = new Set([10008, 10009]);

/** NATS has not stored a message and says why; its error code tells what may help. */
export class RefusedWrite extends TransientError {
  override name = 'RefusedWrite';
  readonly code: number;
  /** In the words of the server. */
  readonly description: string;

  constructor(code: number, description: string) {
    super(`NATS refused the write: ${description} (${code})`);
    this.code = code;
    this.description = description;
  }
}

export type PublishAck =
  | { kind: 'stored'; seq: number; duplicate: boolean }
  /** The last message is another one, at `lastSeq` (0: there is none). It may be this very one. */
  | { kind: 'unexpected'; lastSeq: number }
  /** There is a message on this subject. It may be this very one. */
  | { kind: 'taken' }
  /** Another message is about to be stored, or to be dropped: ask again. It may be this very one. */
  | { kind: 'undecided' };

/** Reads JetStream's answer to a publish. Throws a {@link RefusedWrite} for refusals that may pass (no space), AwayError if there is no leader. */
export function readPublishAck(message: Msg): PublishAck {
  const answer = parsed(message);
  if (!isRecord(answer)) throw new TransientError(`unreadable publish acknowledgement: ${message.string()}`);
  if (isRecord(answer['error'])) return refused(answer['error']);
  if (typeof answer['seq'] !== 'number')
    throw new TransientError(`unreadable publish acknowledgement: ${message.string()}`);
  return { kind: 'stored', seq: answer['seq'], duplicate: answer['duplicate'] === true };
}

function refused({ err_code: code, description }: Record<string, unknown>): PublishAck {
  const text = String(description);
  const lastSeq = code === WRONG_LAST_SEQUENCE ? /: (\d+)$/.exec(text)?.[1] : undefined;
  if (lastSeq !== undefined) return { kind: 'unexpected', lastSeq: Number(lastSeq) };
  if (code === IN_FLIGHT) return { kind: 'undecided' };
  if (code === NOT_STORED && text.includes('per subject')) return { kind: 'taken' };
  const number = typeof code === 'number' ? code : 0;
  if (NO_LEADER.has(number)) throw new AwayError(`NATS refused the write: ${text} (${number})`);
  throw new RefusedWrite(number, text);
}

function parsed(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
