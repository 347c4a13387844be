import type { Protocol } from './exchange.ts';
import { messagesProtocol } from './messages/protocol.ts';

export const MODEL_APIS = ['messages', 'responses', 'chat'] as const;
export type ModelApi = (typeof MODEL_APIS)[number];

/** Each API as a strict service speaks it. */
export function protocolOf(api: ModelApi, _dialect: string | undefined): Protocol {
  switch (api) {
    case 'messages':
      return messagesProtocol();
    // The other two come with their folders: `responsesProtocol()` and `chatProtocol(dialect)` in protocol.ts of each.
    case 'responses':
    case 'chat':
      throw new Error(`there is no ${api} server yet`);
  }
}
