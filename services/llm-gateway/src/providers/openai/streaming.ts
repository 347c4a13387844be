import { Ending } from '../ending.ts';
import { failed, rateLimitsOf } from '../failure.ts';
import type { Call, Failure, Listener, Outcome } from '../provider.ts';
import { isServiceError, openAiFailure } from './failure.ts';
import { estimatedUsage } from './reply.ts';

/** Characters of one answer's stream, its JSON not counted: nobody writes that much, and all of it is kept. */
export const STREAM_CHARS_MAX = 2_000_000;

/** Puts an answer together, event by event. */
export interface Reading {
  /** Returns the characters that the event added. */
  take(event: unknown): number;
  /** `ended`: the answer is whole, and what may follow is counts. `over`: it is more than is kept. */
  readonly progress: 'open' | 'ended' | 'over';
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
 * Opens a stream and reads it to its end: whoever leaves it early loses the connection. One that stays open after its
 * answer is left all the same. Never rejects. What came before a failure was paid, and is estimated.
 */
export async function readStream(
  asked: Asked,
  reading: Reading,
  open: (signal: AbortSignal) => Promise<Opened>,
): Promise<Outcome> {
  const { call, signal, secret, listener, sent } = asked;
  const ending = new Ending(signal);
  let chars = 0;
  let hasBegun = false;
  try {
    const { data, response } = await open(ending.signal);
    listener?.limits?.(rateLimitsOf(response.headers));
    for await (const event of data) {
      hasBegun = true;
      chars += reading.take(event);
      if (chars > STREAM_CHARS_MAX || reading.progress === 'over') {
        return brokenOff(failed('malformed', 'the answer has no end'), call, chars);
      }
      if (reading.progress === 'ended') ending.wait();
    }
    // The SDK ends an aborted stream like a whole one.
    if (signal.aborted && reading.progress === 'open') throw signal.reason;
    const outcome = reading.outcome();
    if (outcome) return withUsage(outcome, call, chars);
    return brokenOff(failed('unreachable', 'the stream ended before the answer did'), call, chars);
  } catch (error) {
    const outcome = signal.aborted && reading.progress === 'open' ? undefined : outcomeOf(reading);
    if (outcome) return withUsage(outcome, call, chars);
    const failure = openAiFailure(error, signal, secret, sent);
    if (!isServiceError(error)) return hasBegun ? brokenOff(failure, call, chars) : failure;
    if (error.headers) listener?.limits?.(rateLimitsOf(error.headers));
    return withUsage(failure, call, chars);
  } finally {
    ending.over();
  }
}

/** What came up to an error, if it is an answer; the error may be that it cannot be read. */
function outcomeOf(reading: Reading): Outcome | undefined {
  try {
    return reading.outcome();
  } catch {
    return undefined;
  }
}

/** What was written before a failure was paid. */
function withUsage(outcome: Outcome, call: Call, chars: number): Outcome {
  if (outcome.ok || outcome.usage || chars === 0) return outcome;
  return { ...outcome, usage: estimatedUsage(call, chars) };
}

/**
 * A model that thinks may have thought up to its limit before the connection was lost, and nothing of it was seen. Where
 * the API streams no thoughts, they came before the first words too.
 */
function brokenOff(failure: Failure, call: Call, chars: number): Outcome {
  const usage = estimatedUsage(call, chars);
  const { thinking, api, thinkingTokens } = call.model;
  if (thinking === 'never' || (chars > 0 && api !== 'responses')) return { ...failure, usage };
  const thought = chars === 0 ? call.outputTokensMax : usage.outputTokens + thinkingTokens;
  return { ...failure, usage: { ...usage, outputTokens: Math.min(thought, call.outputTokensMax) } };
}
