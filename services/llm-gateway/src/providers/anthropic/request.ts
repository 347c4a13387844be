import type { Anthropic } from '@anthropic-ai/sdk';
import type { Call } from '../provider.ts';
import { toMessages } from './messages.ts';
import { toTools } from './tools.ts';

export type Request = Anthropic.MessageStreamParams;
type Choice = Pick<Request, 'tool_choice' | 'thinking'>;

const CACHED = { cache_control: { type: 'ephemeral' } } as const;

/**
 * A call as a request to the Messages API. It begins with what is the same in all requests of a role (tools, system) and
 * goes on with what only grows (turns). The service keeps such beginnings up to two marks: after the first part, and
 * after the last block, where it sets the mark itself.
 */
export function toRequest(call: Call, provider: string): Request {
  const { question, model, without } = call;
  const isMarked = model.cacheMarkers && !without.has('cache_control');
  const tools = toTools(question.tools, model, without);
  const choice = choiceOf(call);
  const effort = effortOf(call, choice);
  const lastTool = tools.at(-1);
  if (isMarked && question.system === '' && lastTool) Object.assign(lastTool, CACHED);
  return {
    model: model.name,
    max_tokens: call.outputTokensMax,
    ...(tools.length > 0 && { tools }),
    ...(question.system !== '' && { system: [{ type: 'text', text: question.system, ...(isMarked && CACHED) }] }),
    messages: toMessages(question.turns, call.echoes ? { provider, model: model.name } : undefined),
    ...choice,
    ...(effort && { output_config: { effort } }),
    ...(isMarked && CACHED),
  };
}

/**
 * A forced call and thinking exclude each other. Where thinking is on by default and cannot be switched off any more,
 * nothing is forced.
 */
function choiceOf({ question, model, without }: Call): Choice {
  if (question.tools.length === 0 || without.has('tool_choice')) return {};
  const canForce = model.forcedCall && !(model.thinking === 'optional' && without.has('thinking'));
  if (!question.mustCall || !canForce) return { tool_choice: { type: 'auto' } };
  return {
    tool_choice: question.only === undefined ? { type: 'any' } : { type: 'tool', name: question.only },
    ...(model.thinking === 'optional' && { thinking: { type: 'disabled' } }),
  };
}

/** Without thinking, efforts above high are refused. */
function effortOf({ effort, without }: Call, { thinking }: Choice): Exclude<Call['effort'], 'none'> {
  if (effort === undefined || effort === 'none' || without.has('output_config')) return undefined;
  return thinking?.type === 'disabled' && (effort === 'xhigh' || effort === 'max') ? 'high' : effort;
}

/** The names of what a request holds and could do without. */
export function dispensableIn(request: Request): ReadonlySet<string> {
  const names = new Set(Object.keys(request));
  for (const name of ['model', 'max_tokens', 'messages', 'tools', 'system']) names.delete(name);
  if (request.tools?.some((tool) => 'strict' in tool && tool.strict === true)) names.add('strict');
  return names;
}
