import type { IncomingHttpHeaders } from 'node:http';
import type { Conversation, Utterance } from './character.ts';

/** One request as it came: `body` is the parsed JSON, `bodyText` its text. */
export interface Asked {
  method: string;
  /** Without the query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
  bodyText: string;
}

/** An answer that is no model's: `body` goes out as JSON. */
export interface Plain {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** One server-sent event: `data` is sent as JSON, or as it is if it is a string (`[DONE]`); `comment` lines as comments. */
export interface SentEvent {
  event?: string;
  data?: unknown;
  comment?: string;
}

/** How a question is answered once the character has spoken: `body` at once, or `events` as a stream. */
export interface Spoken {
  headers: Record<string, string>;
  body: unknown;
  events: readonly SentEvent[];
}

/** A question that passed all checks of its protocol. */
export interface Valid {
  model: string;
  streamed: boolean;
  conversation: Conversation;
  /** What may be written in all, thinking included. */
  outputTokensMax: number;
  /** Speaks in the protocol's form. Called once per request, with what the character and the faults made of it. */
  speak(said: Utterance): Spoken;
}

/** Failures that any service has, which each protocol puts into its own words. */
export type HttpFault =
  | 'rate_limited'
  | 'server_error'
  | 'overloaded'
  | 'spent'
  | 'usage_limit'
  | 'wrong_key'
  | 'forbidden'
  | 'too_large'
  | 'no_json'
  | 'not_found';

/** One wire format: what it refuses, and how it says what is said. It knows nothing of sockets and faults. */
export interface Protocol {
  readonly api: string;
  /** `refused`: a 4xx of its own; `told`: an answer that needs no model (a token count). */
  read(asked: Asked): { kind: 'refused' | 'told'; plain: Plain } | { kind: 'valid'; question: Valid };
  /** A service's failure before anything was said. */
  failure(fault: HttpFault, detail: { retryAfterSeconds: number }): Plain;
  /** The event that tells of a failure after HTTP 200. */
  errorEvent(): SentEvent;
  /** What the service tells of its limits with each answer. */
  limitHeaders(limits: ToldLimits): Record<string, string>;
}

export interface ToldLimits {
  requestsPerMinute: number;
  requestsLeft: number;
  tokensPerMinute: number;
  tokensLeft: number;
}
