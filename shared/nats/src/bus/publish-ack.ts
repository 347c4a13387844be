import { TransientError } from '@troupe/actor';
import type { Msg } from '@nats-io/nats-core';

/** `wrong last sequence`: the expectation was not met. */
const WRONG_LAST_SEQUENCE = 10071;

export type PublishAck = { kind: 'stored'; seq: number; duplicate: boolean } | { kind: 'unexpected' };

/** Reads JetStream's answer to a publish. Throws TransientError for refusals that may pass (no space, no leader). */
export function readPublishAck(message: Msg): PublishAck {
  const answer: unknown = message.json();
  if (!isRecord(answer)) throw new TransientError(`unreadable publish acknowledgement: ${message.string()}`);
  if (isRecord(answer['error'])) {
    const { err_code: code, description } = answer['error'];
    if (code === WRONG_LAST_SEQUENCE) return { kind: 'unexpected' };
    throw new TransientError(`NATS refused the write: ${String(description)} (${String(code)})`);
  }
  if (typeof answer['seq'] !== 'number')
    throw new TransientError(`unreadable publish acknowledgement: ${message.string()}`);
  return { kind: 'stored', seq: answer['seq'], duplicate: answer['duplicate'] === true };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
