import { TransientError } from '@troupe/actor';
import type { Msg } from '@nats-io/nats-core';

/** The expectation was not met: by a server alone, and in a cluster. */
const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);
/** The store refused; only the description tells why. */
const NOT_STORED = 10077;

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
  /** Another message is where this one should go, or this very one is there already. */
  | { kind: 'unexpected' };

/** Reads JetStream's answer to a publish. Throws a {@link RefusedWrite} for refusals that may pass (no space, no leader). */
export function readPublishAck(message: Msg): PublishAck {
  const answer = parsed(message);
  if (!isRecord(answer)) throw new TransientError(`unreadable publish acknowledgement: ${message.string()}`);
  if (isRecord(answer['error'])) {
    const { err_code: code, description } = answer['error'];
    if (typeof code === 'number' && WRONG_LAST_SEQUENCE.has(code)) return { kind: 'unexpected' };
    if (code === NOT_STORED && String(description).includes('per subject')) return { kind: 'unexpected' };
    throw new RefusedWrite(typeof code === 'number' ? code : 0, String(description));
  }
  if (typeof answer['seq'] !== 'number')
    throw new TransientError(`unreadable publish acknowledgement: ${message.string()}`);
  return { kind: 'stored', seq: answer['seq'], duplicate: answer['duplicate'] === true };
}

function parsed(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
