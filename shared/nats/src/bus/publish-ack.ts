import { TransientError } from '@troupe/actor';
import type { Msg } from '@nats-io/nats-core';

/** The expectation was not met: by a server alone, and in a cluster. */
const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);
/** The store refused; only the description tells why. */
const NOT_STORED = 10077;

export type PublishAck =
  | { kind: 'stored'; seq: number; duplicate: boolean }
  /** Another message is where this one should go, or this very one is there already. */
  | { kind: 'unexpected' };

/** Reads JetStream's answer to a publish. Throws TransientError for refusals that may pass (no space, no leader). */
export function readPublishAck(message: Msg): PublishAck {
  const answer = parsed(message);
  if (!isRecord(answer)) throw new TransientError(`unreadable publish acknowledgement: ${message.string()}`);
  if (isRecord(answer['error'])) {
    const { err_code: code, description } = answer['error'];
    if (typeof code === 'number' && WRONG_LAST_SEQUENCE.has(code)) return { kind: 'unexpected' };
    if (code === NOT_STORED && String(description).includes('per subject')) return { kind: 'unexpected' };
    throw new TransientError(`NATS refused the write: ${String(description)} (${String(code)})`);
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
