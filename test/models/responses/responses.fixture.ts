import OpenAI, { APIError } from 'openai';
import type {
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
  ResponseOutputItem,
} from 'openai/resources/responses/responses';
import { onTestFinished } from 'vitest';
import { call, type Character, type Conversation, utterance } from '../character.ts';
import type { FaultInput } from '../faults.ts';
import { serve } from '../serve.ts';
import { responsesProtocol, type ResponsesManners } from './protocol.ts';

/** Tools as their service wants them. */
export const FIND = {
  type: 'function' as const,
  name: 'find',
  description: 'Finds.',
  strict: true,
  parameters: {
    type: 'object',
    properties: { query: { type: 'string' } },
    required: ['query'],
    additionalProperties: false,
  },
};

/** Asks for what the user names, one call per word; says what was found when it was. */
export const finder: Character = {
  name: 'finder',
  reply({ messages }: Conversation) {
    const last = messages.at(-1);
    const thinking = 'I shall look it up, or say what I have found.';
    if (last?.role === 'result') return utterance({ thinking, text: `Found — “${last.text}” 🔎.` });
    const words = last?.role === 'user' ? last.text.split(' ') : [];
    return utterance({ thinking, calls: words.map((query) => call('find', { query })) });
  },
};

export const KEY = 'sk-test';

/** A server with the real SDK at it, which asks again for nothing. */
export async function given({
  faults,
  manners,
  character = finder,
}: { faults?: FaultInput; manners?: Partial<ResponsesManners>; character?: Character } = {}) {
  const server = await serve(responsesProtocol(manners), { character, faults });
  onTestFinished(() => server.close());
  const client = new OpenAI({ apiKey: KEY, baseURL: `${server.origin}/v1`, maxRetries: 0 });
  /** A POST of whatever a test wants to send. */
  const post = async (
    body: unknown,
    headers: Record<string, string> = { authorization: `Bearer ${KEY}` },
    path = '/v1/responses',
  ) => {
    const response = await fetch(`${server.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const told: unknown = await response.json();
    return { status: response.status, body: told };
  };
  return { server, client, post };
}

/** A request as MODEL-APIS has it, with what a test wants to differ. */
export function asking(different: Partial<ResponseCreateParamsNonStreaming> = {}) {
  return {
    model: 'gpt-5.5',
    store: false,
    include: ['reasoning.encrypted_content' as const],
    input: [{ role: 'user', content: 'cats' }] satisfies ResponseInputItem[] as ResponseInputItem[],
    tools: [FIND],
    tool_choice: 'required' as const,
    ...different,
  };
}

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

/** What a response put out, as the next request sends it. */
export const asInput = (output: readonly ResponseOutputItem[]): ResponseInputItem[] =>
  JSON.parse(JSON.stringify(output));
