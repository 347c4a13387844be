import OpenAI from 'openai';
import type { ProviderAccess } from '../../models/model.ts';
import { readableErrors } from './error-body.ts';

/** The SDK insists on a key; servers of one's own often have none. */
const NO_KEY = 'none';

/** A client of OpenAI, or of a server that speaks its protocols. It retries nothing: whoever asks decides what may help. */
export function openAiClient({ apiKey, baseUrl }: ProviderAccess): OpenAI {
  return new OpenAI({
    apiKey: apiKey || NO_KEY,
    // Null, not undefined: the SDK would look into the environment.
    baseURL: baseUrl ?? null,
    maxRetries: 0,
    // The SDK's log may print headers and prompts; failures are returned as data instead.
    logLevel: 'off',
    fetch: (input, init) => readableErrors(apiKey, input, init),
  });
}
