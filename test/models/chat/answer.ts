import { randomBytes } from 'node:crypto';
import type { SpokenCall, Utterance } from '../character.ts';
import { parseJson } from '../incoming.ts';
import { spokenTokens } from '../tokens.ts';
import type { Dialect } from './dialect.ts';
import type { ChatRequest } from './request.ts';
import { signatureOf } from './signature.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** A call as a server writes it. Some leave out its ID, some send its arguments as they are. */
export interface AnsweredCall {
  index?: number;
  id?: string;
  type: 'function';
  function: { name: string; arguments: unknown };
  extra_content?: { google: { thought_signature: string } };
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
  completion_tokens_details: { reasoning_tokens: number };
}

/** An utterance as a server puts it; how it is sent is another matter. */
export interface ChatAnswer {
  id: string;
  created: number;
  model: string;
  content: string;
  /** Under one of the names that servers have for it. */
  reasoning: { name: 'reasoning' | 'reasoning_content'; text: string } | undefined;
  refusal: string | undefined;
  calls: readonly AnsweredCall[];
  finish: FinishReason;
  usage: Usage;
}

const REFUSAL = "I'm sorry, but I can't help with that.";
/** Mistral's IDs; the other servers have longer ones. */
const SHORT_ID_CHARS = 9;

export function chatAnswer(
  said: Utterance,
  { quirks }: Dialect,
  { request, counted }: { request: ChatRequest; counted: { inputTokens: number; cachedTokens: number } },
): ChatAnswer {
  const { output, thinking } = spokenTokens(said);
  const refused = said.stop === 'refusal';
  const thought = quirks.has('think_tags') && said.thinking !== '' ? `<think>${said.thinking}</think>\n` : '';
  const name = (['reasoning', 'reasoning_content'] as const).find((one) => quirks.has(one));
  return {
    id: `chatcmpl-${randomBytes(12).toString('hex')}`,
    created: Math.floor(Date.now() / 1_000),
    model: request.model,
    content: thought + said.text,
    reasoning: name === undefined || said.thinking === '' ? undefined : { name, text: said.thinking },
    refusal: refused && !quirks.has('content_filter') ? REFUSAL : undefined,
    calls: said.calls.map((call, at) => answeredCall(call, at, quirks)),
    finish: finishOf(said, quirks, typeof request.tool_choice === 'object'),
    usage: {
      prompt_tokens: counted.inputTokens,
      completion_tokens: output,
      total_tokens: counted.inputTokens + output,
      prompt_tokens_details: { cached_tokens: counted.cachedTokens },
      completion_tokens_details: { reasoning_tokens: thinking },
    },
  };
}

function finishOf({ stop, calls }: Utterance, quirks: Dialect['quirks'], isNamed: boolean): FinishReason {
  switch (stop) {
    case 'length':
    case 'context':
      return 'length';
    case 'refusal':
      return quirks.has('content_filter') ? 'content_filter' : 'stop';
    case 'tools':
    case 'end':
    case 'pause':
      // OpenAI's own service too ends with "stop" when one tool was named.
      if (calls.length > 0) return isNamed || quirks.has('stop_with_calls') ? 'stop' : 'tool_calls';
      return quirks.has('calls_empty') ? 'tool_calls' : 'stop';
  }
}

function answeredCall({ name, argumentsJson }: SpokenCall, at: number, quirks: Dialect['quirks']): AnsweredCall {
  const signed = quirks.has('thought_signature') && at === 0;
  return {
    ...(quirks.has('no_index') ? {} : { index: at }),
    ...(quirks.has('ids_missing') ? {} : { id: callId(quirks) }),
    type: 'function',
    function: { name, arguments: writtenArguments(argumentsJson, quirks) },
    ...(signed ? { extra_content: { google: { thought_signature: signatureOf(name, argumentsJson) } } } : {}),
  };
}

function callId(quirks: Dialect['quirks']): string {
  if (quirks.has('ids_repeated')) return 'call_0';
  const letters = randomBytes(12).toString('hex');
  return quirks.has('short_ids') ? letters.slice(0, SHORT_ID_CHARS) : `call_${letters}`;
}

function writtenArguments(json: string, quirks: Dialect['quirks']): unknown {
  if (quirks.has('arguments_empty') && json === '{}') return '';
  const parsed = quirks.has('arguments_object') ? parseJson(json) : undefined;
  return parsed === undefined ? json : parsed.value;
}
