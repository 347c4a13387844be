import { tokensOf } from '../tokens.ts';
import { effortFault, schemaRefusal, unknownModel } from '../responses/settings.ts';
import { limitsOf, type ModelLimits, OUTPUT_TOKENS_MAX } from '../responses/limits.ts';
import { invalid, type Refusal, refusal, valueList } from '../responses/refusal.ts';
import { strictSchemaFault } from '../responses/strict-schema.ts';
import type { Dialect } from './dialect.ts';
import type { ChatRequest } from './request.ts';

/** The one deployment that there is at Azure. */
export const AZURE_DEPLOYMENT = 'our-deployment';

/** What a server refuses of a request apart from its conversation. */
export function settingsFault(request: ChatRequest, dialect: Dialect): Refusal | undefined {
  return (
    modelFault(request, dialect) ??
    choiceFault(request, dialect) ??
    (dialect.strict ? schemaFault(request) : undefined) ??
    contextFault(request, dialect)
  );
}

/** A parameter that a server does not know, whatever is in it. */
export function parameterFault(body: object, { refuses }: Dialect): Refusal | undefined {
  const name = refuses.find((param) => param in body);
  return name === undefined ? undefined : invalid(`Unknown parameter: '${name}'.`, name, 'unknown_parameter');
}

function modelFault(request: ChatRequest, { models }: Dialect): Refusal | undefined {
  if (models === 'any') return undefined;
  if (models === 'deployment') {
    const message = 'The API deployment for this resource does not exist.';
    return request.model === AZURE_DEPLOYMENT ? undefined : refusal(404, message, { code: 'DeploymentNotFound' });
  }
  const limits = limitsOf(request.model);
  if (limits === undefined) return unknownModel(request.model);
  if (!limits.chat) {
    const message = `The model '${request.model}' is only supported in v1/responses and not in v1/chat/completions.`;
    return refusal(404, message, { param: 'model' });
  }
  return openAiFault(request, limits);
}

/** What OpenAI's own models do not take here. */
function openAiFault(request: ChatRequest, limits: ModelLimits): Refusal | undefined {
  const effort = request.reasoning_effort ?? limits.effort;
  const tools = request.tools !== undefined;
  if (tools && (limits.chatTools === 'never' || effort !== 'none')) {
    const message = `Function tools with reasoning_effort are not supported for ${limits.name} in /v1/chat/completions. Please use /v1/responses instead.`;
    return invalid(message, 'reasoning_effort');
  }
  if (typeof request.max_tokens === 'number') {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    return invalid(message, 'max_tokens', 'unsupported_parameter');
  }
  const tokens = request.max_completion_tokens ?? 0;
  if (tokens > OUTPUT_TOKENS_MAX) {
    const message = `max_completion_tokens is too large: ${tokens}. This model supports at most ${OUTPUT_TOKENS_MAX} completion tokens, whereas you provided ${tokens}.`;
    return invalid(message, 'max_completion_tokens', 'invalid_value');
  }
  return (
    effortFault(request.reasoning_effort, 'reasoning_effort', limits) ??
    (effort === 'none' ? undefined : samplingFault(request))
  );
}

function samplingFault(request: ChatRequest): Refusal | undefined {
  for (const param of ['temperature', 'top_p'] as const) {
    const value = request[param];
    if (typeof value !== 'number' || value === 1) continue;
    const message = `Unsupported value: '${param}' does not support ${value} with this model. Only the default (1) value is supported.`;
    return invalid(message, param, 'unsupported_value');
  }
  if (request.logprobs !== true) return undefined;
  return invalid(
    "Unsupported parameter: 'logprobs' is not supported with this model.",
    'logprobs',
    'unsupported_parameter',
  );
}

function choiceFault(
  { tool_choice: choice, parallel_tool_calls: parallel, tools = [] }: ChatRequest,
  { quirks }: Dialect,
): Refusal | undefined {
  if (tools.length === 0 && choice !== undefined) {
    return invalid(
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      'tool_choice',
    );
  }
  if (tools.length === 0 && parallel !== undefined) {
    const message =
      "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.";
    return invalid(message, 'parallel_tool_calls');
  }
  if (tools.length > 0 && (choice ?? 'auto') === 'auto' && quirks.has('no_auto_choice')) {
    return invalid(
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      'tool_choice',
    );
  }
  if (choice === undefined || quirks.has('choice_ignored')) return undefined;
  if (typeof choice === 'object') {
    if (quirks.has('choice_string')) {
      return invalid(
        "Invalid tool_choice type: 'object'. Supported string values: none, auto, required",
        'tool_choice',
      );
    }
    const known = tools.some((tool) => tool.function.name === choice.function.name);
    return known
      ? undefined
      : invalid(`Tool choice '${choice.function.name}' not found in 'tools' parameter.`, 'tool_choice');
  }
  const forced = quirks.has('choice_any') ? 'any' : 'required';
  const known = ['none', 'auto', forced];
  if (known.includes(choice)) return undefined;
  const message = `Invalid value: '${choice}'. Supported values are: ${valueList(known)}.`;
  return invalid(message, 'tool_choice', 'invalid_value');
}

function schemaFault({ tools = [], response_format: format }: ChatRequest): Refusal | undefined {
  for (const [at, tool] of tools.entries()) {
    const { name, strict, parameters } = tool.function;
    const fault = strict === true ? schemaRefusal(name, parameters, `tools[${at}].function.parameters`) : undefined;
    if (fault !== undefined) return fault;
  }
  if (format?.type !== 'json_schema' || format.json_schema.strict !== true) return undefined;
  const fault = strictSchemaFault(format.json_schema.schema);
  if (fault === undefined) return undefined;
  const message = `Invalid schema for response_format '${format.json_schema.name}': ${fault}`;
  return invalid(message, 'response_format', 'invalid_json_schema');
}

/** The characters of all that is in a prompt, counted roughly. */
function contextFault(request: ChatRequest, { contextTokens }: Dialect): Refusal | undefined {
  const tokens = tokensOf(JSON.stringify([request.messages, request.tools]).length);
  if (tokens <= contextTokens) return undefined;
  const message = `This model's maximum context length is ${contextTokens} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`;
  return invalid(message, 'messages', 'context_length_exceeded');
}
