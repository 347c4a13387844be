import Anthropic from '@anthropic-ai/sdk';
import { QUESTION_TIMEOUT_MS_MAX } from '@troupe/contract';
import type { Usage } from '@troupe/contract';
import type { ProviderAccess } from '../../models/model.ts';
import { boundedFetch } from '../bounded-fetch.ts';
import { failed, thrown } from '../failure.ts';
import type { Outcome, Provider } from '../provider.ts';
import { toOutcome } from './answer.ts';
import type { Block } from './content.ts';
import { toRequest } from './request.ts';
import { streamed } from './stream.ts';
import type { Asking } from './stream.ts';
import { sumOf } from './usage.ts';

/** How often a model may pause within one answer. */
export const PAUSES_MAX = 4;

/** Answers by the Messages API. Throws when the key is missing. */
export function anthropicProvider({ name, apiKey, baseUrl }: ProviderAccess): Provider {
  if (!apiKey) throw new Error(`the provider "${name}" needs an API key`);
  const client = new Anthropic({
    apiKey,
    baseURL: baseUrl ?? null,
    // Who calls this decides what is asked again, and when.
    maxRetries: 0,
    // The question's own time is kept by who calls this; no other may end it first.
    timeout: QUESTION_TIMEOUT_MS_MAX,
    // The SDK's log may print headers and prompts; failures are returned as data instead.
    logLevel: 'off',
    // The gateway has a span of its own for each question, and tells no third party its trace IDs.
    openTelemetry: false,
    fetch: boundedFetch,
  });
  return {
    name,
    async ask(call, signal, listener) {
      try {
        return await answered(client, name, { call, signal, listener, secret: apiKey });
      } catch (error) {
        return thrown(error, signal, apiKey);
      }
    },
  };
}

/**
 * A message that pauses is sent back as it is, and the model goes on where it was. All requests together cost no more than
 * the first one might have: what a pause cost, and what is read again after it, may not be written any more.
 */
async function answered(client: Anthropic, name: string, asking: Asking): Promise<Outcome> {
  const { call, signal, secret } = asking;
  const request = toRequest(call, name);
  let said: Block[] = [];
  let paid: Usage | undefined;
  let left = request.max_tokens;
  for (let pauses = 0; pauses <= PAUSES_MAX; pauses += 1) {
    const messages = [...request.messages, ...(said.length > 0 ? [{ role: 'assistant', content: said } as const] : [])];
    const message = await streamed(client, { ...request, max_tokens: left, messages }, asking);
    paid = sumOf(paid, message.usage);
    if (!message.ok) return { ...message, ...(paid && { usage: paid }) };
    said = [...said, ...message.content];
    const { inputTokens, outputTokens } = message.usage;
    left -= outputTokens + (inputTokens + outputTokens);
    const isPaused = message.stop === 'pause_turn';
    if (isPaused && left >= 1) continue;
    const whole = { ...message, content: said, ...(paid && { usage: paid }), ...(isPaused && { stop: 'max_tokens' }) };
    try {
      return toOutcome(whole, call, name, secret);
    } catch (error) {
      return { ...thrown(error, signal, secret), usage: whole.usage };
    }
  }
  return failed('malformed', `the model paused more than ${PAUSES_MAX} times`, { usage: paid });
}
