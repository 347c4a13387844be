import type { ToolOffer, Turn } from '@troupe/contract';
import type { Effort } from '../../models/model.ts';
import { strictSchema } from '../../schema/strict.ts';
import { wireCallId } from '../openai/calls.ts';
import type { Call } from '../provider.ts';
import { extrasOf } from './echo.ts';

interface WireCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
  extra_content?: Record<string, unknown>;
}
export type Message =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string | null; tool_calls?: WireCall[] }
  | { role: 'tool'; tool_call_id: string; content: string };

interface Tool {
  type: 'function';
  function: { name: string; description: string; parameters: Record<string, unknown>; strict?: true };
}
type Choice = 'auto' | 'required' | 'any' | { type: 'function'; function: { name: string } };

/** A chat completion as compatible servers take it; the SDK's types know OpenAI's alone. */
export interface Request {
  model: string;
  stream: true;
  stream_options?: { include_usage: true };
  messages: Message[];
  max_tokens?: number;
  max_completion_tokens?: number;
  tools?: Tool[];
  tool_choice?: Choice;
  reasoning_effort?: Effort;
}

/** Parameters that an answer is possible without. Of the limits of output there is always one, see {@link limitName}. */
const DISPENSABLE = ['tool_choice', 'reasoning_effort', 'stream_options'];
/** A choice of one function by its name: LM Studio takes only words. */
const NAMED_CHOICE = 'tool_choice.function';
const CALL_ID = { charsMax: 40, form: /^[\w-]+$/ };
/** Mistral's: nine letters and digits, no more and no fewer. */
const SHORT_CALL_ID = { charsMax: 9, form: /^[A-Za-z0-9]{9}$/ };

/** A question as a chat completion. Servers refuse an empty list of tools, so there is none without tools. */
export function toRequest(call: Call): Request {
  const { question, model, effort, outputTokensMax, without } = call;
  const may = (parameter: string): boolean => !without.has(parameter);
  const { usageInStream } = model.deviations;
  return {
    model: model.name,
    stream: true,
    ...(usageInStream && may('stream_options') && { stream_options: { include_usage: true } }),
    messages: toMessages(call),
    [limitName(call)]: outputTokensMax,
    ...(question.tools.length > 0 && { tools: toTools(call) }),
    ...(question.tools.length > 0 && may('tool_choice') && { tool_choice: toolChoice(call) }),
    ...(effort && may('reasoning_effort') && { reasoning_effort: effort }),
  };
}

/** The parameters of a request that a refusal may be about and that the next request can leave out. */
export function dispensable(request: Request, { without }: Call): string[] {
  const sent = DISPENSABLE.filter((name) => name in request);
  const named = typeof request.tool_choice === 'object' ? [NAMED_CHOICE] : [];
  const strict = request.tools?.some((tool) => tool.function.strict) ? ['strict'] : [];
  const limit = (['max_tokens', 'max_completion_tokens'] as const).filter((name) => name in request);
  const hasOther = !without.has('max_tokens') && !without.has('max_completion_tokens');
  return [...named, ...sent, ...strict, ...(hasOther ? limit : [])];
}

/** The name of the limit that the model is known to take, or the other one if that was refused. */
function limitName({ model, without }: Call): 'max_tokens' | 'max_completion_tokens' {
  const known = model.deviations.outputLimit;
  if (!without.has(known)) return known;
  return known === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
}

function toolChoice({ question, model, without }: Call): Choice {
  if (!question.mustCall || !model.forcedCall) return 'auto';
  if (question.only === undefined || without.has(NAMED_CHOICE)) return model.deviations.forcedChoice;
  return { type: 'function', function: { name: question.only } };
}

function toTools({ question, model, without }: Call): Tool[] {
  let strictLeft = model.strictSchema === 'openai' && !without.has('strict') ? model.strictToolsMax : 0;
  return question.tools.map((offer) => {
    const strict = strictLeft > 0 ? strictSchema(offer.parameters, 'openai') : undefined;
    if (strict) strictLeft -= 1;
    return toTool(offer, strict);
  });
}

function toTool({ name, description, parameters }: ToolOffer, strict: Record<string, unknown> | undefined): Tool {
  const described = { name, description, parameters: strict ?? parameters };
  return { type: 'function', function: strict ? { ...described, strict: true } : described };
}

function toMessages(call: Call): Message[] {
  const { system, turns } = call.question;
  const messages: Message[] = system === '' ? [] : [{ role: 'system', content: system }];
  for (const message of turns.flatMap((turn) => toMessage(turn, call))) {
    const last = messages.at(-1);
    // Some servers refuse two messages of the user in a row.
    if (last?.role === 'user' && message.role === 'user') last.content += `\n\n${message.content}`;
    else messages.push(message);
  }
  return messages;
}

/** A turn that says nothing leaves no message: some servers refuse an empty one. */
function toMessage(turn: Turn, call: Call): Message[] {
  const form = call.model.deviations.shortCallIds ? SHORT_CALL_ID : CALL_ID;
  switch (turn.role) {
    case 'user':
      return turn.text === '' ? [] : [{ role: 'user', content: turn.text }];
    case 'tool': {
      // The protocol has no mark for a failed call, so the text says it.
      const content = turn.failed ? `Failed: ${turn.text}` : turn.text;
      return [{ role: 'tool', tool_call_id: wireCallId(turn.callId, form), content }];
    }
    case 'assistant': {
      if (turn.toolCalls.length === 0) return turn.text === '' ? [] : [{ role: 'assistant', content: turn.text }];
      const extras = extrasOf(turn, call);
      const calls = turn.toolCalls.map((made): WireCall => {
        const extra = extras.get(made);
        const { id, name, arguments: args } = made;
        const wire = { name, arguments: extra?.arguments || JSON.stringify(args) };
        return {
          id: wireCallId(id, form),
          type: 'function',
          function: wire,
          ...(extra?.extra_content && { extra_content: extra.extra_content }),
        };
      });
      return [{ role: 'assistant', content: turn.text || null, tool_calls: calls }];
    }
  }
}
