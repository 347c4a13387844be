import type { Protocol } from './exchange.ts';
import { chatProtocol } from './chat/protocol.ts';
import { messagesProtocol } from './messages/protocol.ts';
import { responsesProtocol } from './responses/protocol.ts';

export const MODEL_APIS = ['messages', 'responses', 'chat'] as const;
export type ModelApi = (typeof MODEL_APIS)[number];

/** Each API as a strict service speaks it. */
export function protocolOf(api: ModelApi, dialect: string | undefined): Protocol {
  switch (api) {
    case 'messages':
      return messagesProtocol();
    case 'responses':
      return responsesProtocol();
    case 'chat':
      return chatProtocol(dialect);
  }
}
