import type { Question } from '@troupe/contract';
import type { Model } from '../../models/model.ts';
import { callOf, KEY, modelOf, NEVER } from '../openai/call.fixture.ts';
import { startSseServer } from '../openai/sse-server.fixture.ts';
import type { Step } from '../openai/sse-server.fixture.ts';
import type { Call } from '../provider.ts';
import { chatProvider } from './provider.ts';

/** A provider, the server that plays `steps` to it, and the text that comes. */
export async function given(...steps: Step[]) {
  const server = await startSseServer(steps);
  const provider = chatProvider({ name: 'compatible', apiKey: KEY, baseUrl: server.baseUrl });
  const texts: string[] = [];
  const ask = (question: Partial<Question> = {}, different: Partial<Call> = {}) =>
    provider.ask(callOf(question, { model: chatModel(), ...different }), NEVER, { text: (text) => texts.push(text) });
  return { server, ask, texts };
}
/** A model behind a server that is not OpenAI's. */
export function chatModel(different: Partial<Model['deviations']> = {}, model: Partial<Model> = {}): Model {
  return modelOf({
    api: 'chat',
    strictSchema: 'none',
    echo: false,
    deviations: {
      outputLimit: 'max_tokens',
      forcedChoice: 'required',
      usageInStream: true,
      shortCallIds: false,
      ...different,
    },
    ...model,
  });
}

export function chunk(delta: object, different: object = {}) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model: 'served-model',
    choices: [{ index: 0, delta, finish_reason: null, ...different }],
  };
}

export const finish = (reason: string) => chunk({}, { finish_reason: reason });
export const usage = (told: object = {}) => ({
  model: 'served-model',
  choices: [],
  usage: { prompt_tokens: 101, completion_tokens: 23, total_tokens: 124, ...told },
});

/** A piece of a call, as OpenAI streams it. */
export function piece(index: number, written: unknown, begin: { id?: string; name?: string } = {}) {
  const { id, name } = begin;
  const called = { ...(name !== undefined && { name }), arguments: written };
  return chunk({ tool_calls: [{ index, ...(id !== undefined && { id, type: 'function' }), function: called }] });
}

/** A stream of these chunks and its end. */
export const answered = (...events: object[]): Step => ({ events, ending: 'done' });
export const begin = { id: 'call_1', name: 'search_documents' };
export const finished = () => answered(chunk({ content: 'done' }), finish('stop'));
