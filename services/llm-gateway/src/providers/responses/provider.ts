import type { ProviderAccess } from '../../models/model.ts';
import { openAiClient } from '../openai/client.ts';
import { readStream } from '../openai/streaming.ts';
import type { Provider } from '../provider.ts';
import { ResponseReading } from './events.ts';
import { dispensable, toRequest } from './request.ts';

/** Answers by OpenAI's Responses API, or a server's that speaks it too. */
export function responsesProvider(access: ProviderAccess): Provider {
  const client = openAiClient(access);
  const secret = access.apiKey;
  return {
    name: access.name,
    ask: (call, signal, listener) => {
      const request = toRequest(call);
      const asked = { call, signal, secret, listener, sent: dispensable(request) };
      const options = { timeout: call.question.timeoutMs };
      return readStream(asked, new ResponseReading(call, secret, listener), (within) =>
        client.responses.create(request, { ...options, signal: within }).withResponse(),
      );
    },
  };
}
