import type { SentEvent } from '../exchange.ts';
import { pieces } from '../responses/events.ts';
import type { AnsweredCall, ChatAnswer } from './answer.ts';
import type { Dialect } from './dialect.ts';

type Quirks = Dialect['quirks'];
type Delta = Record<string, unknown>;

const COMMENT: SentEvent = { comment: 'OPENROUTER PROCESSING' };

/** A content that is not there: most servers send an empty text, some null. */
const contentOf = (text: string, quirks: Quirks) => (text === '' && quirks.has('content_null') ? null : text);

/** The answer in one body. */
export function bodyOf(answer: ChatAnswer, { quirks }: Dialect): object {
  const { id, created, model, content, reasoning, refusal, calls, finish, usage } = answer;
  const silent = content === '' && calls.length === 0 && refusal === undefined && finish === 'stop';
  const listed = calls.map(({ index: _index, ...call }) => call);
  const message = {
    role: 'assistant',
    content: contentOf(content, quirks),
    ...(refusal === undefined ? {} : { refusal }),
    ...(reasoning === undefined ? {} : { [reasoning.name]: reasoning.text }),
    ...(calls.length > 0 || quirks.has('calls_empty') ? { tool_calls: listed } : {}),
  };
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices:
      silent && quirks.has('choices_empty') ? [] : [{ index: 0, message, finish_reason: finish, logprobs: null }],
    ...(quirks.has('no_usage') ? {} : { usage }),
  };
}

/** The answer as a stream of chunks. `includeUsage`: the request asked for it. */
export function chunksOf(answer: ChatAnswer, { quirks }: Dialect, includeUsage: boolean): SentEvent[] {
  const { id, created, model, content, reasoning, refusal, calls, finish, usage } = answer;
  const chunk = (more: object): SentEvent => ({
    data: { id, object: 'chat.completion.chunk', created, model, ...more },
  });
  const choice = (delta: Delta, finishReason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }] });
  const filtered = { prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] };
  const told = !quirks.has('no_usage');
  const last = choice(calls.length === 0 && quirks.has('calls_empty') ? { tool_calls: [] } : {}, finish);
  return [
    ...(quirks.has('comments') ? [COMMENT, COMMENT] : []),
    ...(quirks.has('choices_empty') ? [chunk({ choices: [], ...filtered })] : []),
    choice({ role: 'assistant', content: contentOf('', quirks) }),
    ...(reasoning === undefined ? [] : pieces(reasoning.text).map((text) => choice({ [reasoning.name]: text }))),
    ...(refusal === undefined ? [] : pieces(refusal).map((text) => choice({ refusal: text }))),
    ...pieces(content).map((text) => choice({ content: text })),
    ...(quirks.has('comments') ? [COMMENT] : []),
    ...calls.flatMap((call) => callDeltas(call)).map((call) => choice({ tool_calls: [call] })),
    told && quirks.has('usage_always') ? { data: { ...Object(last.data), usage } } : last,
    ...(told && includeUsage && !quirks.has('usage_always') ? [chunk({ choices: [], usage })] : []),
    { data: '[DONE]' },
  ];
}

/** A call in pieces: who gives its arguments as an object, or no index, gives it as a whole. */
function callDeltas(call: AnsweredCall): object[] {
  const { arguments: args } = call.function;
  if (typeof args !== 'string' || call.index === undefined) return [call];
  const begun = { ...call, function: { ...call.function, arguments: '' } };
  return [begun, ...pieces(args).map((text) => ({ index: call.index, function: { arguments: text } }))];
}

/** How a stream tells of a failure after HTTP 200; OpenRouter does it in a chunk. */
export function errorChunk({ quirks }: Dialect): SentEvent {
  const message = 'The server had an error while processing your request.';
  if (!quirks.has('comments')) {
    return { data: { error: { message, type: 'server_error', param: null, code: 'server_error' } } };
  }
  return {
    data: {
      id: 'gen-1',
      object: 'chat.completion.chunk',
      created: 0,
      model: 'any',
      provider: 'any',
      error: { code: 502, message: 'Provider disconnected unexpectedly' },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    },
  };
}
