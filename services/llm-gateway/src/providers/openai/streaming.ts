import { failed, rateLimitsOf } from '../failure.ts';
import type { Call, Listener, Outcome } from '../provider.ts';
import { isServiceError, openAiFailure } from './failure.ts';
import { estimatedUsage } from './reply.ts';

/** Characters of one answer's stream, its JSON not counted: nobody writes that much, and all of it is kept. */
export const STREAM_CHARS_MAX = 2_000_000;

/** Puts an answer together, event by event. */
export interface Reading {
  /** Returns the characters that the event added. */
  take(event: unknown): number;
  /** Undefined if the stream ended before the answer did. */
  outcome(): Outcome | undefined;
}

/** A request that was sent: `withResponse` of the SDK. */
interface Opened {
  data: AsyncIterable<unknown>;
  response: { headers: Headers };
}

export interface Asked {
  call: Call;
  signal: AbortSignal;
  secret: string | undefined;
  listener: Listener | undefined;
  /** The parameters of the request that an answer is possible without. */
  sent: readonly string[];
}

/**
 * Opens a stream and reads it to its end: whoever leaves it early loses the connection. Never rejects. What came before a
 * failure was paid, and is estimated.
 */
export async function readStream(asked: Asked, reading: Reading, open: () => Promise<Opened>): Promise<Outcome> {
  const { call, signal, secret, listener, sent } = asked;
  let chars = 0;
  try {
    const { data, response } = await open();
    listener?.limits?.(rateLimitsOf(response.headers));
    for await (const event of data) {
      chars += reading.take(event);
      if (chars > STREAM_CHARS_MAX) return withUsage(failed('malformed', 'the answer has no end'), call, chars);
    }
  } catch (error) {
    const outcome = signal.aborted ? undefined : reading.outcome();
    if (outcome) return withUsage(outcome, call, chars);
    if (isServiceError(error) && error.headers) listener?.limits?.(rateLimitsOf(error.headers));
    return withUsage(openAiFailure(error, signal, secret, sent), call, chars);
  }
  // The SDK ends an aborted stream like a whole one.
  if (signal.aborted) return withUsage(failed('aborted', 'the call was aborted'), call, chars);
  const outcome = reading.outcome() ?? failed('unreachable', 'the stream ended before the answer did');
  return withUsage(outcome, call, chars);
}

/** What was written before a failure was paid. */
function withUsage(outcome: Outcome, call: Call, chars: number): Outcome {
  if (outcome.ok || outcome.usage || chars === 0) return outcome;
  return { ...outcome, usage: estimatedUsage(call, chars) };
}
