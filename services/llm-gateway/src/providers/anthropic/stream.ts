import Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '@troupe/contract';
import { z } from 'zod';
import { Ending } from '../ending.ts';
import { failed, rateLimitsOf, thrown } from '../failure.ts';
import type { Call, Failure, Listener } from '../provider.ts';
import { Block } from './content.ts';
import { dispensableIn } from './request.ts';
import type { Request } from './request.ts';
import { toUsage } from './usage.ts';
import { Written } from './written.ts';

/** A message that came to its end. */
export interface Streamed {
  ok: true;
  model: string;
  content: Block[];
  /** Why it ended, as the service names it. */
  stop: string;
  /** Why it was refused, with `refusal`. */
  category?: string | undefined;
  usage: Usage;
}

const WireMessage = z.object({
  model: z.string(),
  content: Block.array(),
  stop_reason: z.string().nullish(),
  stop_details: z.object({ category: z.string().nullish() }).nullish().catch(undefined),
  usage: z.unknown(),
});

export interface Asking {
  call: Call;
  signal: AbortSignal;
  listener: Listener | undefined;
  secret: string;
}

/**
 * One request, and its message once it is whole, also if the connection stays open then. What was written before it broke
 * off is in the failure's usage.
 */
export async function streamed(client: Anthropic, request: Request, asking: Asking): Promise<Streamed | Failure> {
  const { call, signal, listener, secret } = asking;
  const ending = new Ending(signal);
  const stream = client.messages.stream(request, { signal: ending.signal });
  const written = new Written();
  let begun: Anthropic.Message | undefined;
  let whole: Anthropic.Message | undefined;
  stream.on('connect', () => tellLimits(listener, stream.response?.headers));
  stream.on('text', (delta) => listener?.text?.(delta));
  stream.on('streamEvent', (event, message) => {
    written.take(event);
    begun = message;
    if (written.isOver) stream.abort();
    if (event.type !== 'message_stop') return;
    whole = message;
    ending.wait();
  });
  try {
    await stream.done();
  } catch (error) {
    if (written.isOver)
      return failed('malformed', 'the answer has no end', { usage: usageOfPart(begun, call, written) });
    if (whole === undefined) {
      if (error instanceof Anthropic.APIError) tellLimits(listener, error.headers);
      const isTold = error instanceof Anthropic.APIError && error.error !== undefined;
      const usage = usageOfPart(begun, call, written, isTold ? undefined : request);
      return brokenOff(thrown(error, signal, secret), request, usage);
    }
  } finally {
    ending.over();
  }
  if (whole === undefined) {
    const usage = usageOfPart(begun, call, written, request);
    return failed('unreachable', 'the stream ended before the answer did', { usage });
  }
  const content = whole.content.map((block, index) => ({ ...block, ...parsedInput(written.inputs.get(index)) }));
  return toStreamed({ ...whole, content }, toUsage(whole.usage, call, { chars: written.chars, isWhole: true }), secret);
}

/** A parameter that the request did not hold cannot be left out. */
function brokenOff(failure: Failure, request: Request, usage: Usage | undefined): Failure {
  const isOurs = failure.parameter === undefined || dispensableIn(request).has(failure.parameter);
  const { kind, message, ...details } = failure;
  return failed(isOurs ? kind : 'rejected', message, { ...details, usage });
}

/**
 * What was paid for a message that broke off, undefined if it had not begun. A model that thinks may have thought up to
 * the limit of the request whose connection was `lost`, and nothing of it was seen.
 */
function usageOfPart(
  begun: Anthropic.Message | undefined,
  call: Call,
  { chars }: Written,
  lost?: Request,
): Usage | undefined {
  if (!begun) return undefined;
  const usage = toUsage(begun.usage, call, { chars, isWhole: false });
  const mayThink = call.model.thinking !== 'never' && lost?.thinking?.type !== 'disabled';
  const isUnseen = lost !== undefined && mayThink && chars === 0 && typeof begun.stop_reason !== 'string';
  return isUnseen ? { ...usage, outputTokens: Math.max(usage.outputTokens, lost.max_tokens) } : usage;
}

function toStreamed(message: unknown, usage: Usage, secret: string): Streamed | Failure {
  const parsed = WireMessage.safeParse(message);
  if (!parsed.success) return failed('malformed', `no message: ${z.prettifyError(parsed.error)}`, { usage, secret });
  const { model, content, stop_reason: stop, stop_details: details } = parsed.data;
  if (typeof stop !== 'string') return failed('unreachable', 'the message ended without a reason', { usage });
  return { ok: true, model, content, stop, category: details?.category ?? undefined, usage };
}

/** The SDK mends JSON that breaks off. A call that was not written to its end is none. */
function parsedInput(json: string | undefined): { input?: unknown } {
  if (!json) return {};
  try {
    return { input: JSON.parse(json) };
  } catch {
    return { input: undefined };
  }
}

function tellLimits(listener: Listener | undefined, headers: unknown): void {
  if (!(headers instanceof Headers)) return;
  const limits = rateLimitsOf(headers);
  if (Object.keys(limits).length > 0) listener?.limits?.(limits);
}
