import { type Conversation, EFFORTS, type Utterance } from '../character.ts';
import type { Asked, Protocol, Spoken, Valid } from '../exchange.ts';
import { failureOf, keyFault, limitHeadersOf } from '../responses/failures.ts';
import { effortOf, limitsOf, OUTPUT_TOKENS_MAX } from '../responses/limits.ts';
import { parseRequest } from '../responses/parse-request.ts';
import { PromptCache } from '../responses/prompt-cache.ts';
import type { Refusal } from '../responses/refusal.ts';
import { chatAnswer } from './answer.ts';
import { listen } from './conversation.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { withKnownFields } from './known-fields.ts';
import { ChatRequest } from './request.ts';
import { bodyOf, chunksOf, errorChunk } from './sending.ts';
import { parameterFault, settingsFault } from './settings.ts';

/**
 * Chat completions: OpenAI's own, or as a compatible server has them (see dialect.ts). What they refuse is in settings.ts
 * and conversation.ts.
 */
export function chatProtocol(name?: string): Protocol {
  const dialect = dialectOf(name);
  const cache = new PromptCache();
  return {
    api: 'chat',
    read(asked) {
      const { method, path } = asked;
      const known = method === 'POST' && dialect.path.test(path);
      if (!known) return { kind: 'refused', plain: failureOf('not_found', 0, dialect.refused) };
      const question = keyRefusal(asked, dialect) ?? read(asked.body, dialect, cache);
      if ('error' in question) return { kind: 'refused', plain: dialect.refused(question) };
      return { kind: 'valid', question };
    },
    failure: (fault, { retryAfterSeconds }) => failureOf(fault, retryAfterSeconds, dialect.refused),
    errorEvent: () => errorChunk(dialect),
    limitHeaders: limitHeadersOf,
  };
}

function keyRefusal({ headers }: Asked, { key }: Dialect): Refusal | undefined {
  if (key === 'none') return undefined;
  if (key === 'bearer or api-key' && typeof headers['api-key'] === 'string') return undefined;
  return keyFault(headers.authorization);
}

function read(body: unknown, dialect: Dialect, cache: PromptCache): Valid | Refusal {
  const unknown = parameterFault(Object(body), dialect);
  if (unknown !== undefined) return unknown;
  const parsed = parseRequest(ChatRequest, dialect.unknown === 'ignored' ? withKnownFields(body) : body);
  if (!parsed.ok) return parsed.refusal;
  const { request } = parsed;
  const listened = settingsFault(request, dialect) ?? listen(request.messages, dialect);
  if ('error' in listened) return listened;
  const parts = [JSON.stringify(request.tools ?? []), ...request.messages.map((message) => JSON.stringify(message))];
  return {
    model: request.model,
    streamed: request.stream ?? false,
    conversation: {
      ...listened,
      tools: (request.tools ?? []).map((tool) => ({
        name: tool.function.name,
        description: tool.function.description ?? '',
        parameters: tool.function.parameters ?? {},
        strict: dialect.strict && (tool.function.strict ?? false),
      })),
      choice: choiceOf(request, dialect),
      parallelCalls: request.parallel_tool_calls ?? true,
      effort: effortIn(request),
    },
    outputTokensMax: request.max_completion_tokens ?? request.max_tokens ?? OUTPUT_TOKENS_MAX,
    speak: (said) => speak(said, dialect, { request, counted: cache.count(parts) }),
  };
}

function speak(
  said: Utterance,
  dialect: Dialect,
  asking: { request: ChatRequest; counted: { inputTokens: number; cachedTokens: number } },
): Spoken {
  const answer = chatAnswer(said, dialect, asking);
  return {
    headers: { 'x-request-id': `req_${answer.id}` },
    body: bodyOf(answer, dialect),
    events: chunksOf(answer, dialect, asking.request.stream_options?.include_usage ?? false),
  };
}

function choiceOf({ tool_choice: choice = 'auto' }: ChatRequest, { quirks }: Dialect): Conversation['choice'] {
  if (quirks.has('choice_ignored')) return 'auto';
  if (typeof choice === 'object') return { name: choice.function.name };
  return choice === 'required' ? 'any' : choice;
}

function effortIn({ model, reasoning_effort: asked }: ChatRequest): Conversation['effort'] {
  const limits = limitsOf(model);
  if (limits !== undefined) return effortOf(asked, limits);
  return EFFORTS.find((known) => known === asked) ?? 'medium';
}
