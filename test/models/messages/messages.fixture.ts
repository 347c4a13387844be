import Anthropic from '@anthropic-ai/sdk';
import { competent } from '../characters/competent.ts';
import { type Character, type Conversation, type Utterance, utterance } from '../character.ts';
import type { FaultInput } from '../faults.ts';
import { type ModelServer, serve } from '../serve.ts';
import { messagesProtocol } from './protocol.ts';

export const MODEL = 'claude-sonnet-5-5';

/** A tool as examples have it. */
export const FIND = {
  name: 'find',
  description: 'Finds something.',
  strict: true,
  input_schema: {
    type: 'object' as const,
    properties: { q: { type: 'string' } },
    required: ['q'],
    additionalProperties: false,
  },
};

/** A question that the service takes. */
export const QUESTION = {
  model: MODEL,
  max_tokens: 16_000,
  tools: [FIND],
  tool_choice: { type: 'auto' as const },
  messages: [{ role: 'user' as const, content: 'Q' }],
};

/** Says what it is told to say, one thing after the other, the last one again and again; remembers what it heard. */
export function parrot(...lines: readonly Partial<Utterance>[]): Character & { heard: Conversation[] } {
  const heard: Conversation[] = [];
  return {
    name: 'parrot',
    heard,
    reply(conversation) {
      heard.push(conversation);
      return utterance(lines[Math.min(heard.length, lines.length) - 1] ?? {});
    },
  };
}

export const CALL = { name: 'find', argumentsJson: '{"q":"x"}' };

export const startMessages = (character: Character = competent, faults: FaultInput = {}): Promise<ModelServer> =>
  serve(messagesProtocol(), { character, faults });

export const clientOf = (server: ModelServer): Anthropic =>
  new Anthropic({ apiKey: 'test-key', baseURL: server.origin, maxRetries: 0, timeout: 10_000 });

export interface Got {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
  error: { type: string; message: string; details?: unknown } | undefined;
}

/** A request without an SDK. A header that is given as undefined is left out. */
export async function post(
  server: ModelServer,
  body: unknown,
  { path = '/v1/messages', headers = {} }: { path?: string; headers?: Record<string, string | undefined> } = {},
): Promise<Got> {
  const all = {
    'x-api-key': 'test-key',
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
    ...headers,
  };
  const response = await fetch(`${server.origin}${path}`, {
    method: 'POST',
    headers: Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const read = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: read, headers: response.headers, error: read['error'] as Got['error'] };
}

/** What the service said, as the next request has to hold it. */
export const turnOf = (got: Got) => ({
  role: 'assistant' as const,
  content: got.body['content'] as Record<string, unknown>[],
});

/** Results of all calls of a turn. */
export function resultsOf(turn: ReturnType<typeof turnOf>) {
  return {
    role: 'user' as const,
    content: turn.content.flatMap((block): Record<string, unknown>[] =>
      block['type'] === 'tool_use' ? [{ type: 'tool_result', tool_use_id: block['id'], content: 'R' }] : [],
    ),
  };
}
