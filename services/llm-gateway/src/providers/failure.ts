import { ARGUMENT_CHARS_MAX } from '@troupe/contract';
import type { Unanswered, Usage } from '@troupe/contract';
import { z } from 'zod';
import { Oversized } from './bounded-fetch.ts';
import type { Failure, FailureKind, RateLimits } from './provider.ts';
import { dispensableParameter, kindOf } from './refusal.ts';
import type { Refusal } from './refusal.ts';

/** Anything that looks like a provider's key, beside the configured one: servers echo keys in their error texts. */
const KEY_SHAPED = /\b(?:(?:sk|key)-[\w*-]{8,}|AIza[\w-]{20,}|Bearer\s+\S{8,})/g;
/** How far a chain of causes is followed. */
const CAUSES_MAX = 5;

export interface FailureDetails {
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  parameter?: string | undefined;
  usage?: Usage | undefined;
  /** The key in use, which is cut out of the message. */
  secret?: string | undefined;
}

/** A failure of one call. The key and everything key-shaped is cut out of `message`, which is then cut to its limit. */
export function failed(kind: FailureKind, message: string, details: FailureDetails = {}): Failure {
  const { status, retryAfterMs: waitMs, parameter, usage, secret } = details;
  return {
    ok: false,
    kind,
    message: quotable(message, secret),
    ...(status !== undefined && { status }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    ...(kind === 'parameter' && parameter !== undefined && { parameter }),
    ...(usage !== undefined && { usage }),
  };
}

/** The same for a question as a whole, as it is answered to who asked. */
export function unanswered(kind: Unanswered['kind'], message: string, secret?: string): Unanswered {
  return { ok: false, kind, message: quotable(message, secret) };
}

function quotable(message: string, secret: string | undefined): string {
  return redacted(message, secret).slice(0, ARGUMENT_CHARS_MAX);
}

/** A text without the key in use and everything key-shaped. To be done before it is cut. */
export function redacted(text: string, secret: string | undefined): string {
  const known = secret ? text.replaceAll(secret, '[redacted]') : text;
  return known.replace(KEY_SHAPED, '[redacted]');
}

/** What both SDKs put on an error of the service. Errors in the middle of a stream have no status. */
const ServiceError = z.object({
  message: z.string(),
  status: z.int().optional().catch(undefined),
  headers: z.instanceof(Headers).optional().catch(undefined),
  error: z.unknown(),
});

const Text = z.string().optional().catch(undefined);

/** The body's `error`: Anthropic's SDK keeps the body, OpenAI's what is in it. */
const ErrorBody = z.object({
  message: Text,
  type: Text,
  code: Text,
  param: Text,
  details: z.object({ error_code: Text }).optional().catch(undefined),
});
const Body = z.union([z.object({ error: ErrorBody }).transform(({ error }) => error), ErrorBody]);

/**
 * What an SDK or `fetch` threw, as a failure: an error of the service by its status, type and words; no connection and a
 * stream that was cut `unreachable`; what is no JSON `malformed`; anything at all `aborted` once the signal is.
 * A `parameter` is one that requests may do without; whether this one sent it is for the caller to see.
 */
export function thrown(error: unknown, signal: AbortSignal, secret: string | undefined): Failure {
  if (signal.aborted) return failed('aborted', 'the call was aborted', { secret });
  const parsed = ServiceError.safeParse(error);
  const body = Body.safeParse(parsed.data?.error).data;
  if (!parsed.success || (parsed.data.status === undefined && body === undefined)) return unreachable(error, secret);
  const { status, headers, message } = parsed.data;
  const text = body?.message ?? message;
  const code = body?.code ?? body?.details?.error_code;
  const refusal: Refusal = { status, text, type: body?.type, code, parameter: body?.param };
  return failed(kindOf(refusal), status === undefined || text === message ? text : `${status} ${text}`, {
    status,
    parameter: dispensableParameter(refusal),
    retryAfterMs: headers && retryAfterMs(headers),
    secret,
  });
}

/** No answer of the service at all. */
function unreachable(error: unknown, secret: string | undefined): Failure {
  if (!(error instanceof Error)) return failed('unreachable', String(error), { secret });
  const cause = deepest(error);
  if (cause instanceof Oversized) return failed('malformed', cause.message, { secret });
  // JSON may nest deeper than it can be read or written.
  if (cause instanceof RangeError)
    return failed('malformed', `the answer cannot be read: ${cause.message}`, { secret });
  if (cause instanceof SyntaxError) return failed('malformed', `the answer is not JSON: ${cause.message}`, { secret });
  return failed('unreachable', cause === error ? error.message : `${error.message} (${cause.message})`, { secret });
}

/** The first cause of a chain; `fetch failed` says nothing, the cause under it names the refused connection. */
function deepest(error: Error, causesMax = CAUSES_MAX): Error {
  return error.cause instanceof Error && causesMax > 0 ? deepest(error.cause, causesMax - 1) : error;
}

/** How long the service asks to wait, in ms, by `retry-after-ms` or `retry-after` (seconds or a date); not bounded. */
export function retryAfterMs(headers: Headers): number | undefined {
  const ms = headers.get('retry-after-ms');
  const exactMs = ms === null ? Number.NaN : Number.parseFloat(ms);
  if (Number.isFinite(exactMs) && exactMs >= 0) return exactMs;
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  const seconds = Number(after);
  const waitMs = Number.isNaN(seconds) ? Date.parse(after) - Date.now() : seconds * 1_000;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

/** What the headers of an answer, of whichever kind, tell of the limits per minute, as both large providers name them. */
export function rateLimitsOf(headers: Headers): RateLimits {
  const first = (...names: string[]): number | undefined =>
    names.map((name) => countIn(headers.get(name))).find((count) => count !== undefined);
  const requestsPerMinute = first('anthropic-ratelimit-requests-limit', 'x-ratelimit-limit-requests');
  const requestsLeft = first('anthropic-ratelimit-requests-remaining', 'x-ratelimit-remaining-requests');
  const tokensPerMinute = first(
    'anthropic-ratelimit-tokens-limit',
    'anthropic-ratelimit-input-tokens-limit',
    'x-ratelimit-limit-tokens',
  );
  const tokensLeft = first(
    'anthropic-ratelimit-tokens-remaining',
    'anthropic-ratelimit-input-tokens-remaining',
    'x-ratelimit-remaining-tokens',
  );
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(requestsLeft !== undefined && { requestsLeft }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
    ...(tokensLeft !== undefined && { tokensLeft }),
  };
}

function countIn(header: string | null): number | undefined {
  if (header === null || !/^\d{1,15}$/.test(header.trim())) return undefined;
  return Number(header);
}
