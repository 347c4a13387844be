import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Conversation, Utterance } from '../character.ts';
import type { Asked, Plain, Protocol, Spoken, Valid } from '../exchange.ts';
import { asItems, type Asking, responseOf } from './answer.ts';
import { listen } from './conversation.ts';
import { errorEventOf, eventsOf } from './events.ts';
import { failureOf, keyFault, limitHeadersOf, refused } from './failures.ts';
import { effortOf, limitsOf, OUTPUT_TOKENS_MAX } from './limits.ts';
import { parseRequest } from './parse-request.ts';
import { PromptCache, tokensIn } from './prompt-cache.ts';
import { invalid, type Refusal } from './refusal.ts';
import { CountRequest, type Item, ResponsesRequest } from './request.ts';
import { ResponseStore } from './response-store.ts';
import { contextFault, movedParameter, promptFault, settingsFault, unknownModel } from './settings.ts';

const PATH = '/v1/responses';

/** In which of its ways the service says what it does not say in one way alone. */
export interface ResponsesManners {
  /** A failure after HTTP 200. */
  failure: 'error' | 'response.failed';
  /** Whether a model that will not answer says so, or its words are filtered out. */
  refusal: 'part' | 'content_filter';
}

/** OpenAI's Responses API. What it refuses is in settings.ts and conversation.ts. */
export function responsesProtocol(manners: Partial<ResponsesManners> = {}): Protocol {
  const service = new ResponsesService({ failure: 'error', refusal: 'part', ...manners });
  return {
    api: 'responses',
    read: (asked) => service.read(asked),
    failure: (fault, { retryAfterSeconds }) => failureOf(fault, retryAfterSeconds),
    errorEvent: () => service.errorEvent(),
    limitHeaders: limitHeadersOf,
  };
}

type Prompt = z.infer<typeof CountRequest>;
/** A prompt that passed all checks; `parts` are what it is counted and cached by. */
interface ReadPrompt {
  conversation: Conversation;
  items: readonly Item[];
  parts: string[];
}

class ResponsesService {
  #manners: ResponsesManners;
  #store = new ResponseStore();
  #cache = new PromptCache();

  constructor(manners: ResponsesManners) {
    this.#manners = manners;
  }

  read({ method, path, headers, body }: Asked): ReturnType<Protocol['read']> {
    const unknown = method !== 'POST' || ![PATH, `${PATH}/input_tokens`].includes(path);
    if (unknown) return { kind: 'refused', plain: failureOf('not_found', 0) };
    const unfit = keyFault(headers.authorization) ?? movedParameter(Object(body));
    if (unfit !== undefined) return { kind: 'refused', plain: refused(unfit) };
    const read = path === PATH ? this.#question(body) : this.#count(body);
    if ('error' in read) return { kind: 'refused', plain: refused(read) };
    return 'conversation' in read ? { kind: 'valid', question: read } : { kind: 'told', plain: read };
  }

  errorEvent(): ReturnType<Protocol['errorEvent']> {
    const said: Utterance = { thinking: '', text: '', calls: [], stop: 'length', delayMs: 0, paceMs: 0 };
    const limits = limitsOf('gpt-5.5');
    if (limits === undefined) throw new Error('gpt-5.5 is gone');
    const request = { model: limits.name, input: '' };
    const asking: Asking = { request, limits, reasons: false, counted: { inputTokens: 0, cachedTokens: 0 } };
    return errorEventOf(this.#manners.failure, responseOf(said, asking, newResponse()));
  }

  #count(body: unknown): Plain | Refusal {
    const parsed = parseRequest(CountRequest, body);
    if (!parsed.ok) return parsed.refusal;
    const heard = promptFault(parsed.request) ?? this.#hear(parsed.request);
    if ('error' in heard) return heard;
    return { status: 200, body: { object: 'response.input_tokens', input_tokens: tokensIn(heard.parts) } };
  }

  #question(body: unknown): Valid | Refusal {
    const parsed = parseRequest(ResponsesRequest, body);
    if (!parsed.ok) return parsed.refusal;
    const { request } = parsed;
    const heard = settingsFault(request) ?? this.#hear(request);
    if ('error' in heard) return heard;
    const limits = limitsOf(request.model);
    if (limits === undefined) return unknownModel(request.model);
    const tooLong = contextFault(tokensIn(heard.parts), 'input');
    if (tooLong !== undefined) return tooLong;
    const reasons = heard.conversation.effort !== 'none';
    return {
      model: request.model,
      streamed: request.stream ?? false,
      conversation: heard.conversation,
      outputTokensMax: request.max_output_tokens ?? OUTPUT_TOKENS_MAX,
      speak: (said) =>
        this.#speak(said, { request, limits, reasons, counted: this.#cache.count(heard.parts) }, heard.items),
    };
  }

  /** The conversation of a prompt, that of a stored response before it included. */
  #hear(request: Prompt): ReadPrompt | Refusal {
    const limits = limitsOf(request.model);
    if (limits === undefined) return unknownModel(request.model);
    const { previous_response_id: previous, input } = request;
    const before = typeof previous === 'string' ? this.#store.conversation(previous) : [];
    if (before === undefined) {
      const message = `Previous response with id '${previous}' not found.`;
      return invalid(message, 'previous_response_id', 'previous_response_not_found');
    }
    const now: Item[] = typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input;
    if (now.length === 0) return invalid('One of "input" or "previous_response_id" must be provided.', 'input');
    const items = [...before, ...now];
    const listened = listen(items, request.model, (id) => this.#store.item(id));
    if ('error' in listened) return listened;
    const instructions = [request.instructions ?? '', ...listened.instructions].filter(Boolean);
    const tools = request.tools ?? [];
    return {
      items,
      parts: [JSON.stringify(tools), instructions.join('\n'), ...items.map((item) => JSON.stringify(item))],
      conversation: {
        system: instructions.join('\n'),
        messages: listened.messages,
        tools: tools.map(({ name, description, parameters, strict }) => ({
          name,
          description: description ?? '',
          parameters: parameters ?? {},
          strict: strict ?? false,
        })),
        choice: choiceOf(request.tool_choice),
        parallelCalls: request.parallel_tool_calls ?? true,
        effort: effortOf(request.reasoning?.effort, limits),
      },
    };
  }

  #speak(said: Utterance, asking: Asking, items: readonly Item[]): Spoken {
    const whole = responseOf(said, asking, newResponse());
    const filtered = said.stop === 'refusal' && this.#manners.refusal === 'content_filter';
    const response = filtered
      ? {
          ...whole,
          status: 'incomplete' as const,
          incomplete_details: { reason: 'content_filter' as const },
          output: [],
        }
      : whole;
    if (asking.request.store ?? true) this.#store.keep(response.id, [...items, ...asItems(response.output)]);
    const headers = { 'x-request-id': `req_${response.id.slice('resp_'.length)}` };
    return { headers, body: response, events: eventsOf(response) };
  }
}

function newResponse(): { id: string; createdAt: number } {
  return { id: `resp_${randomBytes(12).toString('hex')}`, createdAt: Math.floor(Date.now() / 1_000) };
}

function choiceOf(choice: Prompt['tool_choice']): Conversation['choice'] {
  if (choice === undefined || choice === null) return 'auto';
  if (typeof choice === 'object') return { name: choice.name };
  return choice === 'required' ? 'any' : choice;
}
