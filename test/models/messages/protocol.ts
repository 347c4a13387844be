import type { Asked, Plain, Protocol, ToldLimits, Valid } from '../exchange.ts';
import { checkSettings } from './check-settings.ts';
import { checkStrict } from './check-strict.ts';
import { checkThinking } from './check-thinking.ts';
import { checkTurns } from './check-turns.ts';
import { flattened, type Placed, prefixDigests } from './flat.ts';
import { conversationOf } from './heard.ts';
import { type MessagesModel, MODELS } from './models.ts';
import { PromptCache } from './prompt-cache.ts';
import { failure, Refused } from './refusal.ts';
import { type CountRequest, CountRequest as Count, MessagesRequest, parsed } from './request.ts';
import { spoken } from './speech.ts';

/** The version of the vendor's documents, and the one that its SDK sends. */
const API_VERSIONS: readonly string[] = ['2023-06-01', '2026-10-21'];
/** Paused answers that may still be gone on with. */
const PAUSED_MAX = 10_000;
const MINUTE_MS = 60_000;

/** The Messages API, as strict as the real one is known to be. */
export function messagesProtocol(): Protocol {
  const cache = new PromptCache();
  /** Digests of conversations that end with an answer to be gone on with. */
  const paused = new Set<string>();
  return {
    api: 'messages',
    failure,
    read(asked) {
      try {
        return read(asked, cache, paused);
      } catch (error) {
        if (error instanceof Refused) return { kind: 'refused', plain: error.plain };
        throw error;
      }
    },
    errorEvent: () => ({
      event: 'error',
      data: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    }),
    limitHeaders,
  };
}

function read(asked: Asked, cache: PromptCache, paused: Set<string>): ReturnType<Protocol['read']> {
  const { method, path, headers, body } = asked;
  // The vendor's SDK sends its key in `authorization`, other clients send `x-api-key`.
  if (!headers['x-api-key'] && !/^Bearer ./.test(headers.authorization ?? ''))
    throw new Refused('x-api-key header is required', 401, 'authentication_error');
  const version = headers['anthropic-version'];
  if (version === undefined) throw new Refused('anthropic-version: header is required');
  if (!API_VERSIONS.includes(String(version)))
    throw new Refused(`anthropic-version: "${String(version)}" is not a valid version`);
  if (method === 'POST' && path === '/v1/messages/count_tokens') {
    const request = parsed(Count, body);
    const { total } = cache.count(request, checked(request, paused), undefined);
    return { kind: 'told', plain: told({ input_tokens: total }) };
  }
  if (method !== 'POST' || path !== '/v1/messages') throw new Refused(`${path} not found`, 404, 'not_found_error');
  return { kind: 'valid', question: question(parsed(MessagesRequest, body), cache, paused) };
}

const told = (body: unknown): Plain => ({ status: 200, body });

/** The model of a request that it takes. */
function checked(request: CountRequest, paused: ReadonlySet<string>): MessagesModel {
  const model = MODELS[request.model];
  if (model === undefined) throw new Refused(`model: ${request.model}`, 404, 'not_found_error');
  checkSettings(request, model);
  checkStrict(request);
  checkTurns(request, model, () => paused.has(wholeDigest(request, flattened(request.messages))));
  checkThinking(request, model);
  return model;
}

const wholeDigest = (request: CountRequest, blocks: readonly Placed[]): string =>
  prefixDigests(request, blocks).at(-1) ?? '';

function question(request: MessagesRequest, cache: PromptCache, paused: Set<string>): Valid {
  const model = checked(request, paused);
  const { total } = cache.count(request, model, undefined);
  if (total > model.contextTokens)
    throw new Refused(`prompt is too long: ${total} tokens > ${model.contextTokens} maximum`);
  return {
    model: request.model,
    streamed: request.stream === true,
    conversation: conversationOf(request, model),
    outputTokensMax: Math.min(request.max_tokens, model.contextTokens - total),
    speak(said) {
      const blocks = flattened(request.messages);
      const answer = spoken(said, {
        model: request.model,
        prefix: wholeDigest(request, blocks),
        isShown:
          request.thinking !== undefined && 'display' in request.thinking && request.thinking.display === 'summarized',
        tokens: cache.count(request, model, { nowMs: Date.now() }),
      });
      if (said.stop === 'pause') keepPaused(paused, request, answer.content);
      return answer;
    },
  };
}

function keepPaused(paused: Set<string>, request: MessagesRequest, content: unknown[]): void {
  const turn = parsed(MessagesRequest, {
    ...request,
    messages: [...request.messages, { role: 'assistant', content }],
  });
  paused.add(wholeDigest(turn, flattened(turn.messages)));
  const [oldest] = paused;
  if (paused.size > PAUSED_MAX && oldest !== undefined) paused.delete(oldest);
}

function limitHeaders({ requestsPerMinute, requestsLeft, tokensPerMinute, tokensLeft }: ToldLimits) {
  const reset = new Date(Date.now() + MINUTE_MS).toISOString();
  const one = (name: string, limit: number, left: number) => ({
    [`anthropic-ratelimit-${name}-limit`]: String(limit),
    [`anthropic-ratelimit-${name}-remaining`]: String(left),
    [`anthropic-ratelimit-${name}-reset`]: reset,
  });
  return { ...one('requests', requestsPerMinute, requestsLeft), ...one('tokens', tokensPerMinute, tokensLeft) };
}
