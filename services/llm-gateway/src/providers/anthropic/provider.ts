import Anthropic from '@anthropic-ai/sdk';
import { answerInTime } from '../failure.ts';
import type { Provider } from '../provider.ts';
import { toRequest } from './request.ts';
import { toAnswer } from './response.ts';

export interface AnthropicSettings {
  apiKey?: string | undefined;
  /** Anthropic's own when left out. */
  baseUrl?: string | undefined;
  model?: string | undefined;
}

const MODEL = 'claude-sonnet-5-5';
const RETRIES_MAX = 2;

/** Answers by the Messages API. Throws when the key is missing. */
export function anthropicProvider({ apiKey, baseUrl, model = MODEL }: AnthropicSettings): Provider {
  if (!apiKey) throw new Error('the provider "anthropic" needs an API key');
  const client = new Anthropic({
    apiKey,
    baseURL: baseUrl ?? null,
    maxRetries: RETRIES_MAX,
    // The SDK's log may print headers and prompts; failures are returned as data instead.
    logLevel: 'off',
    // The gateway has a span of its own for each question, and tells no third party its trace IDs.
    openTelemetry: false,
  });
  return {
    name: 'anthropic',
    ask: (question, signal) =>
      answerInTime(question, signal, apiKey, async (inTime) => {
        const options = { signal: inTime, timeout: question.timeoutMs };
        return toAnswer(await client.messages.create(toRequest(question, model), options));
      }),
  };
}
