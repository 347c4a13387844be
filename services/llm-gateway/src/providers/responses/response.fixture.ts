import type { Question } from '@troupe/contract';
import { callOf, KEY, NEVER } from '../openai/call.fixture.ts';
import { startSseServer } from '../openai/sse-server.fixture.ts';
import type { Step } from '../openai/sse-server.fixture.ts';
import type { Call } from '../provider.ts';
import { responsesProvider } from './provider.ts';

/** A provider and the server that plays `steps` to it. */
export async function given(...steps: Step[]) {
  const server = await startSseServer(steps);
  const provider = responsesProvider({ name: 'openai', apiKey: KEY, baseUrl: server.baseUrl });
  const ask = (question: Partial<Question> = {}, different: Partial<Call> = {}) =>
    provider.ask(callOf(question, different), NEVER);
  return { server, provider, ask };
}

export const REASONING = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAAA-sealed' };
export const USAGE = {
  input_tokens: 1_000,
  input_tokens_details: { cached_tokens: 800, cache_write_tokens: 50 },
  output_tokens: 90,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 1_090,
};

export function messageItem(text: string, different: object = {}) {
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
  return {
    id: 'msg_1',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    phase: 'commentary',
    content,
    ...different,
  };
}

export function callItem(name: string, args: unknown, different: object = {}) {
  const written = typeof args === 'string' ? args : JSON.stringify(args);
  return {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    arguments: written,
    call_id: 'call_1',
    name,
    ...different,
  };
}

export function responseOf(output: readonly object[], different: object = {}) {
  return {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'test-model-2026-01-01',
    error: null,
    incomplete_details: null,
    output,
    usage: USAGE,
    ...different,
  };
}

/** The events that a response of these items is streamed as. */
export function streamOf(output: readonly object[], different: object = {}): { events: object[] } {
  const response = responseOf(output, different);
  const events: object[] = [{ type: 'response.created', response: { ...response, output: [], usage: null } }];
  for (const [index, item] of output.entries()) {
    events.push({ type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress' } });
    events.push(...deltasOf(item, index), { type: 'response.output_item.done', output_index: index, item });
  }
  return { events: [...events, { type: `response.${response.status}`, response }] };
}

function deltasOf(item: object, index: number): object[] {
  const at = { item_id: 'item', output_index: index };
  if ('arguments' in item) return [{ type: 'response.function_call_arguments.delta', ...at, delta: item.arguments }];
  if (!('content' in item) || !Array.isArray(item.content)) return [];
  return item.content.flatMap((part: { text?: string }) => {
    const half = Math.ceil((part.text ?? '').length / 2);
    const pieces = [part.text?.slice(0, half), part.text?.slice(half)];
    return pieces.map((delta) => ({ type: 'response.output_text.delta', ...at, content_index: 0, delta }));
  });
}

/** An answer that thinks, says something and calls a tool. */
export const SEARCHED = [REASONING, messageItem('I search.'), callItem('search_documents', { query: 'log' })];
