import { createHash } from 'node:crypto';
import type { Question, ToolOffer, Turn } from '@troupe/contract';
import type { OpenAI } from 'openai';
import { z } from 'zod';
import { strictSchema } from '../../schema/strict.ts';
import { isObject, wireCallId } from '../openai/calls.ts';
import { partsToEcho } from '../openai/echo.ts';
import type { Call } from '../provider.ts';
import { itemsOf } from './items.ts';

export type Request = OpenAI.Responses.ResponseCreateParamsStreaming;
type InputItem = OpenAI.Responses.ResponseInputItem;

/** Parameters that an answer is possible without. `store` is none of them: without it everything asked is kept there. */
const DISPENSABLE = ['tool_choice', 'reasoning', 'include', 'prompt_cache_key'];
/** An item that came from the service goes back as it came. */
const Returned = z.custom<InputItem>((value) => isObject(value) && typeof value['type'] === 'string');
const CALL_ID = { charsMax: 64, form: /^[\w-]+$/ };
const CACHE_KEY_CHARS = 32;

/** A question as a request to the Responses API. Nothing is stored there: reasoning comes back encrypted, with the answer. */
export function toRequest(call: Call): Request {
  const { question, model, effort, outputTokensMax, without } = call;
  const may = (parameter: string): boolean => !without.has(parameter);
  return {
    model: model.name,
    stream: true,
    store: false,
    ...(question.system !== '' && { instructions: question.system }),
    input: question.turns.flatMap((turn) => toItems(turn, call)),
    max_output_tokens: outputTokensMax,
    ...(question.tools.length > 0 && { tools: toTools(call) }),
    ...(question.tools.length > 0 && may('tool_choice') && { tool_choice: toolChoice(call) }),
    ...(effort && may('reasoning') && { reasoning: { effort } }),
    ...(model.echo && may('include') && { include: ['reasoning.encrypted_content' as const] }),
    ...(may('prompt_cache_key') && { prompt_cache_key: cacheKey(question) }),
  };
}

/** The parameters of a request that a refusal may be about and that the next request can leave out. */
export function dispensable(request: Request): string[] {
  const sent = DISPENSABLE.filter((name) => name in request);
  const isStrict = request.tools?.some((tool) => tool.type === 'function' && tool.strict) ?? false;
  return isStrict ? [...sent, 'strict'] : sent;
}

/** Calls of one role in one run have a beginning in common; no content is in the key. */
function cacheKey({ tenant, run, role }: Question): string {
  const digest = createHash('sha256').update(JSON.stringify([tenant, run, role]));
  return digest.digest('hex').slice(0, CACHE_KEY_CHARS);
}

function toolChoice({ question, model }: Call): NonNullable<Request['tool_choice']> {
  if (!question.mustCall || !model.forcedCall) return 'auto';
  return question.only === undefined ? 'required' : { type: 'function', name: question.only };
}

function toTools({ question, model, without }: Call): OpenAI.Responses.FunctionTool[] {
  const isStrict = model.strictSchema === 'openai' && !without.has('strict');
  let strictLeft = isStrict ? model.strictToolsMax : 0;
  return question.tools.map((offer) => {
    const strict = strictLeft > 0 ? strictSchema(offer.parameters, 'openai') : undefined;
    if (strict) strictLeft -= 1;
    return toTool(offer, strict);
  });
}

/** `strict` is always said: left out it is true. */
function toTool(offer: ToolOffer, strict: Record<string, unknown> | undefined): OpenAI.Responses.FunctionTool {
  const { name, description, parameters } = offer;
  return { type: 'function', name, description, parameters: strict ?? parameters, strict: strict !== undefined };
}

function toItems(turn: Turn, call: Call): InputItem[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: turn.text }];
    case 'tool':
      // The protocol has no mark for a failed call, so the text says it.
      return [
        {
          type: 'function_call_output',
          call_id: wireCallId(turn.callId, CALL_ID),
          output: turn.failed ? `Failed: ${turn.text}` : turn.text,
        },
      ];
    case 'assistant':
      return toOutput(turn, call);
  }
}

/** An earlier answer: as it came if it is sent back to the same model, else its text and calls alone, without IDs of items. */
function toOutput(turn: Extract<Turn, { role: 'assistant' }>, call: Call): InputItem[] {
  const { text, toolCalls } = turn;
  const calls = toolCalls.map((made) => ({ ...made, id: wireCallId(made.id, CALL_ID) }));
  const parts = partsToEcho(turn, call);
  const items = parts && itemsOf(parts, text, calls);
  if (items) return items.map((item) => Returned.parse(item));
  return [
    ...(text.trim() === '' ? [] : [{ role: 'assistant', content: text } as const]),
    ...calls.map(({ id, name, arguments: args }) => {
      return { type: 'function_call', call_id: id, name, arguments: JSON.stringify(args) } as const;
    }),
  ];
}
