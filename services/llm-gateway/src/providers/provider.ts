import type { Answered, Question, Usage } from '@troupe/contract';
import type { Effort, Model } from '../models/model.ts';

/** A question, and how it is asked this time. */
export interface Call {
  question: Question;
  model: Model;
  /** All that may be written, thinking included. */
  outputTokensMax: number;
  /** Left out: the model's own. Only one that the model takes. */
  effort?: Effort | undefined;
  /** Parameters that the model's service has refused, by their names on the wire (`tool_choice`, `output_config`, …). */
  without: ReadonlySet<string>;
  /** Whether what earlier answers want back is sent. */
  echoes: boolean;
}

/** What a model said. Its price is reckoned by others. */
export type Reply = Pick<Answered, 'ok' | 'text' | 'toolCalls' | 'echo' | 'stop' | 'usage'> & {
  /** As the service names it in its answer. */
  model: string;
};

/**
 * Why a call brought no answer. What may help: `rate_limited` and `overloaded` waiting, `unreachable` (no connection, 5xx,
 * a stream that was cut) asking again, `parameter` leaving out the parameter that the 400 names, `echo` leaving out all that
 * earlier answers want back, `too_long` a shorter prompt; `unauthorised`, `spent`, `too_large` and `rejected` nothing but a
 * person. `refused`: the model will not answer this. `malformed`: what came is no answer. `aborted` and `timeout` are ours.
 */
export const FAILURE_KINDS = [
  'rate_limited',
  'overloaded',
  'unreachable',
  'parameter',
  'echo',
  'too_long',
  'too_large',
  'unauthorised',
  'spent',
  'rejected',
  'refused',
  'malformed',
  'timeout',
  'aborted',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** A failure as data. `message` holds no key. */
export interface Failure {
  ok: false;
  kind: FailureKind;
  message: string;
  status?: number;
  /** How long the service asks to wait (`retry-after`, `retry-after-ms`), not bounded yet. */
  retryAfterMs?: number;
  /** The parameter that a 400 names, by its name on the wire; with `parameter` alone. */
  parameter?: string;
  /** Tokens that were paid all the same. */
  usage?: Usage;
}

export type Outcome = Reply | Failure;

/** What a service tells of its limits with an answer, of whichever kind; what it does not tell is left out. */
export interface RateLimits {
  requestsPerMinute?: number;
  requestsLeft?: number;
  tokensPerMinute?: number;
  tokensLeft?: number;
}

export interface Listener {
  /** Text as it comes. Arguments of calls are not text. */
  text?(delta: string): void;
  limits?(limits: RateLimits): void;
}

/**
 * A source of answers. `ask` makes one request and never rejects: whatever goes wrong is a {@link Failure}, and an aborted
 * signal ends the request at once. It retries nothing; who calls it decides what may help.
 */
export interface Provider {
  readonly name: string;
  ask(call: Call, signal: AbortSignal, listener?: Listener): Promise<Outcome>;
}
