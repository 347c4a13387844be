import type { MessagesModel } from './models.ts';
import { Refused } from './refusal.ts';
import type { CountRequest, MessagesRequest } from './request.ts';

const CACHE_BREAKPOINTS_MAX = 4;

/** The settings that depend on the model. */
export function checkSettings(request: CountRequest & Partial<MessagesRequest>, model: MessagesModel): void {
  checkChoice(request, model);
  checkThinkingMode(request, model);
  checkSampling(request, model);
  const { max_tokens: outputTokens } = request;
  if (outputTokens !== undefined && outputTokens > model.outputTokensMax)
    throw new Refused(
      `max_tokens: ${outputTokens} > ${model.outputTokensMax}, which is the maximum allowed number of output tokens for ${request.model}`,
    );
  const breakpoints = breakpointsOf(request);
  if (breakpoints > CACHE_BREAKPOINTS_MAX)
    throw new Refused(
      `A maximum of ${CACHE_BREAKPOINTS_MAX} blocks with cache_control may be provided. Found ${breakpoints}.`,
    );
}

function checkChoice({ tool_choice: choice, tools = [] }: CountRequest, { forcedCall }: MessagesModel): void {
  const names = tools.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new Refused('tools: Tool names must be unique.');
  if (choice === undefined) return;
  if (names.length === 0) throw new Refused('tool_choice may only be specified while providing tools.');
  if (!forcedCall && (choice.type === 'any' || choice.type === 'tool'))
    throw new Refused('tool_choice: type "tool" and "any" are not supported for this model.');
  if (choice.type === 'tool' && !names.includes(choice.name))
    throw new Refused(`tool_choice: Tool '${choice.name}' not found in provided tools`);
}

function checkThinkingMode(request: CountRequest & Partial<MessagesRequest>, model: MessagesModel): void {
  const { thinking, output_config: output } = request;
  const effort = output?.effort ?? undefined;
  if (thinking !== undefined && !model.thinking.includes(thinking.type))
    throw new Refused(`thinking: "thinking.type.${thinking.type}" is not supported for this model.`);
  if (effort !== undefined && model.effort === undefined)
    throw new Refused('output_config.effort: This model does not support the effort parameter.');
  const isHigher = effort === 'xhigh' || effort === 'max';
  if (isHigher && (thinking?.type === 'between_tools' || thinking?.type === 'disabled'))
    throw new Refused(`thinking: "thinking.type.${thinking.type}" is not supported above effort "high".`);
  if (thinking?.type === 'enabled' && request.max_tokens !== undefined && thinking.budget_tokens >= request.max_tokens)
    throw new Refused('`max_tokens` must be greater than `thinking.budget_tokens`.');
}

function checkSampling(request: Partial<MessagesRequest>, { sampling }: MessagesModel): void {
  if (sampling) return;
  const changed = [
    ...(request.temperature !== undefined && request.temperature !== 1 ? ['temperature'] : []),
    ...(request.top_p !== undefined && request.top_p !== 1 ? ['top_p'] : []),
    ...(request.top_k === undefined ? [] : ['top_k']),
  ];
  if (changed[0] !== undefined) throw new Refused(`${changed[0]}: only the default value is supported for this model.`);
}

/** Places that are marked as ends of what may be cached. The mark of the whole request is one. */
function breakpointsOf({ cache_control: automatic, tools = [], system, messages }: CountRequest): number {
  const marked = [
    automatic,
    ...tools.map((tool) => tool.cache_control),
    ...(typeof system === 'string' ? [] : (system ?? []).map((block) => block.cache_control)),
    ...messages.flatMap(({ content }) =>
      typeof content === 'string'
        ? []
        : content.map((block) => ('cache_control' in block ? block.cache_control : undefined)),
    ),
  ];
  return marked.filter((mark) => mark !== undefined && mark !== null).length;
}
