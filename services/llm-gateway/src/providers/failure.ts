import { ARGUMENT_CHARS_MAX } from '@troupe/contract';
import type { Answer, Question, Unanswered } from '@troupe/contract';

export type FailureKind = Unanswered['kind'];

/** Anything that looks like a provider's key, beside the configured one: servers echo keys in their error texts. */
const KEY_SHAPED = /\b(?:sk|key)-[A-Za-z0-9_-]{8,}/g;
const TIMED_OUT = /timed? ?out/i;

/** A failure as data. `secret` and everything key-shaped is cut out of `message`, which is then cut to its limit. */
export function unanswered(kind: FailureKind, message: string, secret?: string): Unanswered {
  const known = secret ? message.replaceAll(secret, '[redacted]') : message;
  return { ok: false, kind, message: known.replace(KEY_SHAPED, '[redacted]').slice(0, ARGUMENT_CHARS_MAX) };
}

/** The one place that says what an HTTP status means. Statuses that a retry may cure are `unavailable`. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 408 || status === 409 || status === 429 || status >= 500) return 'unavailable';
  return 'rejected';
}

/**
 * Runs `call` until it settles, `signal` aborts or `question.timeoutMs` (ms) is over, retries included, and turns
 * whatever it throws into data. `secret` never appears in the result.
 */
export async function answerInTime(
  question: Question,
  signal: AbortSignal,
  secret: string | undefined,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(question.timeoutMs);
  try {
    return await call(AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (signal.aborted) return unanswered('timeout', 'the question was aborted');
    if (deadline.aborted) return unanswered('timeout', `no answer within ${question.timeoutMs} ms`);
    return failureOf(error, secret);
  }
}

/** What an SDK threw, as data. Both SDKs put the HTTP status on the error, and none when there was no response. */
function failureOf(error: unknown, secret: string | undefined): Unanswered {
  if (!(error instanceof Error)) return unanswered('unavailable', String(error), secret);
  if ('status' in error && typeof error.status === 'number') {
    return unanswered(kindOfStatus(error.status), error.message, secret);
  }
  if (error instanceof SyntaxError) return unanswered('malformed', `the answer is not JSON: ${error.message}`, secret);
  const cause = error.cause instanceof Error ? ` (${deepest(error.cause).message})` : '';
  const kind = TIMED_OUT.test(error.message) ? 'timeout' : 'unavailable';
  return unanswered(kind, `${error.message}${cause}`, secret);
}

/** The first cause of a chain; `fetch failed` says nothing, the cause under it names the refused connection. */
function deepest(error: Error, depthMax = 5): Error {
  return error.cause instanceof Error && depthMax > 0 ? deepest(error.cause, depthMax - 1) : error;
}
