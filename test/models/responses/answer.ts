import type { Utterance } from '../character.ts';
import { spokenTokens } from '../tokens.ts';
import type { ModelLimits } from './limits.ts';
import type { Item, ResponsesRequest } from './request.ts';
import { answerIds, seal } from './seal.ts';

type Status = 'completed' | 'incomplete';

/** What a model may put out, as the service writes it; all of it may come back as input. */
export type OutputItem =
  | { id: string; type: 'reasoning'; summary: []; encrypted_content?: string }
  | {
      id: string;
      type: 'message';
      status: Status;
      role: 'assistant';
      phase: 'commentary' | 'final_answer';
      content: (
        | { type: 'output_text'; annotations: []; logprobs: []; text: string }
        | { type: 'refusal'; refusal: string }
      )[];
    }
  | { id: string; type: 'function_call'; status: Status; arguments: string; call_id: string; name: string };

export interface Usage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

export interface ResponseBody {
  id: string;
  object: 'response';
  created_at: number;
  status: 'in_progress' | Status | 'failed';
  error: { code: string; message: string } | null;
  incomplete_details: { reason: 'max_output_tokens' | 'content_filter' } | null;
  model: string;
  output: OutputItem[];
  usage: Usage | null;
  [parameter: string]: unknown;
}

const REFUSAL = "I'm sorry, but I can't help with that.";

/** What of a request decides how it is answered. */
export interface Asking {
  request: ResponsesRequest;
  limits: ModelLimits;
  reasons: boolean;
  counted: { inputTokens: number; cachedTokens: number };
}

/** An utterance as items: reasoning first, then what is said, then the calls. */
function outputOf(said: Utterance, { request, limits, reasons }: Asking): OutputItem[] {
  const ids = answerIds(reasons);
  const status: Status = said.stop === 'length' || said.stop === 'context' ? 'incomplete' : 'completed';
  const lastIs = (last: boolean): Status => (last ? status : 'completed');
  const items: OutputItem[] = [];
  if (reasons) {
    const item = { id: ids.reasoning, type: 'reasoning', summary: [] } satisfies OutputItem;
    const encrypted = request.include?.includes('reasoning.encrypted_content') ?? false;
    items.push(encrypted ? { ...item, encrypted_content: seal(limits.name, item, said.thinking) } : item);
  }
  const refuses = said.stop === 'refusal';
  if (said.text !== '' || refuses || (said.calls.length === 0 && status === 'completed')) {
    items.push({
      id: ids.of('msg', 0),
      type: 'message',
      status: lastIs(said.calls.length === 0),
      role: 'assistant',
      phase: said.calls.length > 0 ? 'commentary' : 'final_answer',
      content: [
        refuses
          ? { type: 'refusal', refusal: said.text || REFUSAL }
          : { type: 'output_text', annotations: [], logprobs: [], text: said.text },
      ],
    });
  }
  for (const [at, { name, argumentsJson }] of said.calls.entries()) {
    const id = ids.of('fc', at);
    const last = at === said.calls.length - 1;
    const callId = `call_${id.slice('fc_'.length)}`;
    items.push({ id, type: 'function_call', status: lastIs(last), arguments: argumentsJson, call_id: callId, name });
  }
  return items;
}

/** The whole response. `id` and `createdAt` (seconds) are those of the request. */
export function responseOf(
  said: Utterance,
  asking: Asking,
  { id, createdAt }: { id: string; createdAt: number },
): ResponseBody {
  const { request, limits } = asking;
  const cut = said.stop === 'length' || said.stop === 'context';
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: cut ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: limits.name,
    output: outputOf(said, asking),
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    reasoning: { effort: request.reasoning?.effort ?? limits.effort, summary: null },
    store: request.store ?? true,
    temperature: 1,
    text: request.text ?? { format: { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: 1,
    truncation: 'disabled',
    usage: usageOf(said, asking),
  };
}

/** What of an answer may be asked with again. */
export function asItems(output: readonly OutputItem[]): Item[] {
  return output.map((item) => ({ ...item }));
}

function usageOf(said: Utterance, { counted, limits }: Asking): Usage {
  const { output, thinking } = spokenTokens(said);
  const written = counted.inputTokens - counted.cachedTokens;
  return {
    input_tokens: counted.inputTokens,
    input_tokens_details: {
      cached_tokens: counted.cachedTokens,
      cache_write_tokens: limits.cacheWrites ? written : 0,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thinking },
    total_tokens: counted.inputTokens + output,
  };
}
