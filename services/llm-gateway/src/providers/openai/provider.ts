import OpenAI from 'openai';
import { answerInTime } from '../failure.ts';
import type { Provider } from '../provider.ts';
import { toRequest } from './request.ts';
import { toAnswer } from './response.ts';

export interface OpenAiSettings {
  apiKey?: string | undefined;
  /** Of a compatible server, with its `/v1`; OpenAI's own when left out. */
  baseUrl?: string | undefined;
  model?: string | undefined;
}

const MODEL = 'gpt-5.5';
const RETRIES_MAX = 2;
/** The SDK insists on a key; servers of one's own often have none. */
const NO_KEY = 'none';

/**
 * Answers by OpenAI's chat completions, or a compatible server's. Throws when a key (OpenAI) or a model (any other
 * server: there is no default that it would know) is missing.
 */
export function openAiProvider(settings: OpenAiSettings): Provider {
  const { apiKey, baseUrl, model = baseUrl ? undefined : MODEL } = settings;
  if (!baseUrl && !apiKey) throw new Error('the provider "openai" needs an API key or the base URL of a server');
  if (!model) throw new Error('the provider "openai" needs a model when it has a base URL');
  const outputLimit = baseUrl ? 'max_tokens' : 'max_completion_tokens';
  const client = new OpenAI({
    apiKey: apiKey ?? NO_KEY,
    baseURL: baseUrl ?? null,
    maxRetries: RETRIES_MAX,
    // The SDK's log may print headers and prompts; failures are returned as data instead.
    logLevel: 'off',
  });
  return {
    name: 'openai',
    ask: (question, signal) =>
      answerInTime(question, signal, apiKey, async (inTime) => {
        const options = { signal: inTime, timeout: question.timeoutMs };
        const body = await client.chat.completions.create(toRequest(question, model, outputLimit), options);
        return toAnswer(body, question, model);
      }),
  };
}
