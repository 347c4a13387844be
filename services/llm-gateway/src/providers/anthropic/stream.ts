import Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '@troupe/contract';
import { z } from 'zod';
import { failed, rateLimitsOf, thrown } from '../failure.ts';
import type { Call, Failure, Listener } from '../provider.ts';
import { Block } from './content.ts';
import { dispensableIn } from './request.ts';
import type { Request } from './request.ts';
import { toUsage } from './usage.ts';

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

/** One request, and its message once it is whole. What was written before it broke off is in the failure's usage. */
export async function streamed(client: Anthropic, request: Request, asking: Asking): Promise<Streamed | Failure> {
  const { call, signal, listener, secret } = asking;
  const stream = client.messages.stream(request, { signal });
  const inputs = new Map<number, string>();
  let chars = 0;
  stream.on('connect', () => tellLimits(listener, stream.response?.headers));
  stream.on('text', (delta) => listener?.text?.(delta));
  stream.on('streamEvent', (event) => {
    if (event.type !== 'content_block_delta') return;
    const written = writtenIn(event.delta);
    chars += written.length;
    if (event.delta.type === 'input_json_delta') inputs.set(event.index, (inputs.get(event.index) ?? '') + written);
  });
  try {
    const message = await stream.finalMessage();
    const content = message.content.map((block, index) => ({ ...block, ...parsedInput(inputs.get(index)) }));
    return toStreamed({ ...message, content }, toUsage(message.usage, call, { chars, isWhole: true }), secret);
  } catch (error) {
    if (error instanceof Anthropic.APIError) tellLimits(listener, error.headers);
    const begun = stream.currentMessage;
    const usage = begun && toUsage(begun.usage, call, { chars, isWhole: false });
    const failure = thrown(error, signal, secret);
    const isOurs = failure.parameter === undefined || dispensableIn(request).has(failure.parameter);
    const { kind, message, ...details } = failure;
    return failed(isOurs ? kind : 'rejected', message, { ...details, usage });
  }
}

function toStreamed(message: unknown, usage: Usage, secret: string): Streamed | Failure {
  const parsed = WireMessage.safeParse(message);
  if (!parsed.success) return failed('malformed', `no message: ${z.prettifyError(parsed.error)}`, { usage, secret });
  const { model, content, stop_reason: stop, stop_details: details } = parsed.data;
  if (typeof stop !== 'string') return failed('unreachable', 'the message ended without a reason', { usage });
  return { ok: true, model, content, stop, category: details?.category ?? undefined, usage };
}

function writtenIn(delta: Anthropic.RawContentBlockDelta): string {
  switch (delta.type) {
    case 'text_delta':
      return delta.text;
    case 'input_json_delta':
      return delta.partial_json;
    case 'thinking_delta':
      return delta.thinking;
    default:
      return '';
  }
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
