import type { ProviderAccess } from '../../models/model.ts';
import { openAiClient } from '../openai/client.ts';
import { readStream } from '../openai/streaming.ts';
import type { Provider } from '../provider.ts';
import { ChatReading } from './reading.ts';
import { dispensable, toRequest } from './request.ts';

/** Answers by chat completions, of a server that is compatible with OpenAI's more or less. */
export function chatProvider(access: ProviderAccess): Provider {
  const client = openAiClient(access);
  const secret = access.apiKey;
  return {
    name: access.name,
    ask: (call, signal, listener) => {
      const body = toRequest(call);
      const asked = { call, signal, secret, listener, sent: dispensable(body, call) };
      const options = { body, stream: true, timeout: call.question.timeoutMs };
      return readStream(asked, new ChatReading(call, secret, listener), (within) =>
        client.post<AsyncIterable<unknown>>('/chat/completions', { ...options, signal: within }).withResponse(),
      );
    },
  };
}
