import OpenAI, { APIError } from 'openai';
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { onTestFinished } from 'vitest';
import { call, type Character, type Conversation, utterance } from '../character.ts';
import type { FaultInput } from '../faults.ts';
import { serve } from '../serve.ts';
import { chatProtocol } from './protocol.ts';

export const FIND = {
  type: 'function' as const,
  function: {
    name: 'find',
    description: 'Finds.',
    parameters: {
      type: 'object',
      properties: { query: { type: 'string' } },
      required: ['query'],
      additionalProperties: false,
    },
  },
};

export const KEY = 'sk-test';

/** Asks for what the user names, one call per word ("all" has no arguments); says what was found when it was. */
export const finder: Character = {
  name: 'finder',
  reply({ messages }: Conversation) {
    const last = messages.at(-1);
    const thinking = 'I shall look it up, or say what I have found.';
    if (last?.role === 'result') return utterance({ thinking, text: `Found — “${last.text}” 🔎.` });
    const words = last?.role === 'user' ? last.text.split(' ') : [];
    return utterance({ thinking, calls: words.map((word) => call('find', word === 'all' ? {} : { query: word })) });
  },
};

/** Only talks. */
export const talker: Character = { name: 'talker', reply: () => utterance({ thinking: 'So.', text: 'I say so.' }) };

/** A server with the real SDK at it, which asks again for nothing. */
export async function given(
  dialect = 'plain',
  { faults, character = finder }: { faults?: FaultInput; character?: Character } = {},
) {
  const server = await serve(chatProtocol(dialect), { character, faults });
  onTestFinished(() => server.close());
  const client = new OpenAI({ apiKey: KEY, baseURL: `${server.origin}/v1`, maxRetries: 0 });
  /** A POST of whatever a test wants to send. */
  const post = async (
    body: unknown,
    headers: Record<string, string> = { authorization: `Bearer ${KEY}` },
    path = '/v1/chat/completions',
  ) => {
    const response = await fetch(`${server.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const told: unknown = await response.json();
    return { status: response.status, body: told };
  };
  const ask = (more: Partial<ChatCompletionCreateParamsNonStreaming> = {}) =>
    client.chat.completions.create(asking(more));
  const stream = async (more: Partial<ChatCompletionCreateParamsNonStreaming> = {}) => {
    const chunks: ChatCompletionChunk[] = [];
    for await (const chunk of await client.chat.completions.create({ ...asking(more), stream: true }))
      chunks.push(chunk);
    return chunks;
  };
  /** The text of a stream as it comes over the wire. */
  const wire = async (more: object = {}) => {
    const response = await fetch(`${server.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ ...asking(), stream: true, ...more }),
    });
    return response.text();
  };
  return { server, client, post, ask, stream, wire };
}

/** A request that every server but OpenAI's takes, with what a test wants to differ. */
export function asking(
  different: Partial<ChatCompletionCreateParamsNonStreaming> = {},
): ChatCompletionCreateParamsNonStreaming {
  return { model: 'some-model', messages: [{ role: 'user', content: 'cats' }], tools: [FIND], ...different };
}

/** The conversation after a first answer, whose message comes back as it is, with a result for each call. */
export function answered(
  messages: readonly ChatCompletionMessageParam[],
  message: unknown,
): ChatCompletionMessageParam[] {
  const back: ChatCompletionMessageParam = JSON.parse(JSON.stringify(message));
  const calls = back.role === 'assistant' ? (back.tool_calls ?? []) : [];
  return [...messages, back, ...calls.map(({ id }) => result(id))];
}

export const result = (id: string): ChatCompletionMessageParam => ({ role: 'tool', tool_call_id: id, content: 'R' });

/** What the SDK throws at a refusal. */
export async function refusalOf(asked: PromiseLike<unknown>): Promise<APIError> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
