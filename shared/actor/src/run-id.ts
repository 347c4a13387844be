import { createHash } from 'node:crypto';
import type { RunId, Token } from '@troupe/contract';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * The run ID of a goal: a UUIDv7 (RFC 9562) that is the same for every delivery of the same goal, and of its tenant
 * alone. A goal with an `id` gets it from the hash of tenant and id, with the timestamp of an `id` that is a UUIDv7
 * itself, else timestamp 0 because nothing in it tells the time. A goal without one gets it from the time and
 * sequence at which the broker stored it.
 */
export function runIdOf(goal: { tenant: Token; id: string | undefined; seq: number; at: number }): RunId {
  if (goal.id !== undefined) {
    const at = UUID_V7.test(goal.id) ? Number.parseInt(goal.id.replaceAll('-', '').slice(0, 12), 16) : 0;
    return uuidV7(at, hash(`id\n${goal.tenant}\n${goal.id}`));
  }
  return uuidV7(goal.at, hash(`seq\n${goal.tenant}\n${goal.seq}\n${goal.at}`));
}

/** A fresh UUIDv7 for a run that starts now: `at` in Unix ms, `random` 20 hex digits or more. */
export function uuidV7(at: number, random: string): RunId {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0').slice(-12);
  const variant = (8 + (Number.parseInt(random.slice(3, 4), 16) % 4)).toString(16);
  return [
    time.slice(0, 8),
    time.slice(8, 12),
    `7${random.slice(0, 3)}`,
    `${variant}${random.slice(4, 7)}`,
    random.slice(7, 19),
  ].join('-');
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
