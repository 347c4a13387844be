import type { Model } from '../../models/model.ts';
import { modelOf } from '../openai/call.fixture.ts';

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
