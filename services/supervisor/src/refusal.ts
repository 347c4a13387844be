import { TransientError } from '@troupe/actor';
import { RefusedWrite } from '@troupe/nats';

/** What the API answers instead of what was asked for. `retry_after_ms`: it may help to ask again after that long. */
export type RefusalReply = { error: string; retry_after_ms?: number };

/** A refusal that the caller should read. */
export class Refusal extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(sentence: string, retryAfterMs?: number) {
    super(sentence);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A store that is full empties when what is in it expires or somebody makes room: not within seconds. */
export const FULL_RETRY_MS = 60_000;
/** A server that is restarting, electing or overwhelmed. */
export const AWAY_RETRY_MS = 5_000;

const TOO_LARGE = 10_054;
/** No room in the stream (10077 tells that it is its bounds), in the account or on the disk. */
const FULL = new Set([10_002, 10_023, 10_028, 10_047, 10_077]);

/**
 * Why a goal or a cancel was not stored, and what to do about it, for who asked for it. `again` says how to ask again when
 * it is not known whether it was stored. Pure.
 */
export function refusedWrite(what: string, error: TransientError, again: string): Refusal {
  if (!(error instanceof RefusedWrite))
    return new Refusal(
      `Whether ${what} was stored is not known: ${error.message}. ${again} ${inSeconds(AWAY_RETRY_MS)}`,
      AWAY_RETRY_MS,
    );
  const { code, description } = error;
  const words = `(${description}, ${code})`;
  if (code === TOO_LARGE) return new Refusal(`No room for ${what}: it is too large ${words}. Make it shorter.`);
  if (FULL.has(code))
    return new Refusal(
      `No room for ${what}: the store is full ${words}, and nothing was stored. ${inSeconds(FULL_RETRY_MS)} If it stays full, its operator has to make room.`,
      FULL_RETRY_MS,
    );
  return new Refusal(`NATS did not store ${what} ${words}. ${inSeconds(AWAY_RETRY_MS)}`, AWAY_RETRY_MS);
}

/** What is answered for whatever went wrong. Pure. */
export function replyFor(reason: unknown): RefusalReply {
  const error = reason instanceof Error ? reason.message : String(reason);
  if (reason instanceof Refusal)
    return reason.retryAfterMs === undefined ? { error } : { error, retry_after_ms: reason.retryAfterMs };
  if (reason instanceof TransientError)
    return { error: `The store did not answer: ${error}. ${inSeconds(AWAY_RETRY_MS)}`, retry_after_ms: AWAY_RETRY_MS };
  return { error };
}

const inSeconds = (ms: number): string => `Try again in ${ms / 1_000} s.`;
