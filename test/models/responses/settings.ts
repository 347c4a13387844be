import { CONTEXT_TOKENS, limitsOf, OUTPUT_TOKENS_MAX, OUTPUT_TOKENS_MIN, type ModelLimits } from './limits.ts';
import { invalid, refusal, valueList, type Refusal } from './refusal.ts';
import type { CountRequest, ResponsesRequest } from './request.ts';
import { strictSchemaFault } from './strict-schema.ts';
import type { z } from 'zod';

/** What chat completions call otherwise, and people take along. */
const MOVED: Readonly<Record<string, string>> = {
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  messages: 'input',
  response_format: 'text.format',
  reasoning_effort: 'reasoning.effort',
};

export function movedParameter(body: object): Refusal | undefined {
  const name = Object.keys(MOVED).find((key) => key in body);
  if (name === undefined) return undefined;
  const message = `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${MOVED[name]}'. Try again with the new parameter.`;
  return invalid(message, name, 'unsupported_parameter');
}

export function unknownModel(model: string): Refusal {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return refusal(404, message, { code: 'model_not_found' });
}

type Prompt = z.infer<typeof CountRequest>;

/** What both `/v1/responses` and its count refuse of a prompt's settings. */
export function promptFault(request: Prompt): Refusal | undefined {
  const limits = limitsOf(request.model);
  if (limits === undefined) return unknownModel(request.model);
  return (
    effortFault(request.reasoning?.effort, 'reasoning.effort', limits) ?? toolFault(request) ?? formatFault(request)
  );
}

export function settingsFault(request: ResponsesRequest): Refusal | undefined {
  return promptFault(request) ?? outputFault(request.max_output_tokens) ?? samplingFault(request);
}

/** An effort that a model does not take; `param` is where its API has it. */
export function effortFault(
  effort: string | null | undefined,
  param: string,
  limits: ModelLimits,
): Refusal | undefined {
  if (effort === undefined || effort === null || limits.efforts.some((known) => known === effort)) return undefined;
  const message = `Unsupported value: '${effort}' is not supported with the '${limits.name}' model. Supported values are: ${valueList(limits.efforts)}.`;
  return invalid(message, param, 'unsupported_value');
}

/** Sampling is for models that do not reason: with effort `none` alone. */
function samplingFault(request: ResponsesRequest): Refusal | undefined {
  const limits = limitsOf(request.model);
  const effort = request.reasoning?.effort ?? limits?.effort;
  if (effort === 'none') return undefined;
  const param = (['temperature', 'top_p', 'top_logprobs'] as const).find((name) => typeof request[name] === 'number');
  return param === undefined ? undefined : unsupportedHere(param);
}

function unsupportedHere(param: string): Refusal {
  const message = `Unsupported parameter: '${param}' is not supported with this model.`;
  return invalid(message, param, 'unsupported_parameter');
}

function outputFault(
  tokens: number | null | undefined,
  param = 'max_output_tokens',
  tokensMin = OUTPUT_TOKENS_MIN,
): Refusal | undefined {
  if (typeof tokens !== 'number') return undefined;
  if (tokens < tokensMin) {
    const message = `Invalid '${param}': integer below minimum value. Expected a value >= ${tokensMin}, but got ${tokens} instead.`;
    return invalid(message, param, 'integer_below_min_value');
  }
  if (tokens <= OUTPUT_TOKENS_MAX) return undefined;
  const message = `Invalid '${param}': integer above maximum value. Expected a value <= ${OUTPUT_TOKENS_MAX}, but got ${tokens} instead.`;
  return invalid(message, param, 'integer_above_max_value');
}

function toolFault(request: Prompt): Refusal | undefined {
  const tools = request.tools ?? [];
  for (const [at, { name, strict, parameters }] of tools.entries()) {
    const fault = strict === true ? schemaRefusal(name, parameters, `tools[${at}].parameters`) : undefined;
    if (fault !== undefined) return fault;
    if (tools.findIndex((tool) => tool.name === name) !== at) {
      return invalid(`Duplicate tool name: '${name}'.`, `tools[${at}].name`, 'invalid_value');
    }
  }
  return choiceFault(request.tool_choice, tools);
}

/** A strict tool whose schema is outside the subset. */
export function schemaRefusal(name: string, schema: unknown, param: string): Refusal | undefined {
  const fault = strictSchemaFault(schema);
  if (fault === undefined) return undefined;
  return invalid(`Invalid schema for function '${name}': ${fault}`, param, 'invalid_function_parameters');
}

function choiceFault(choice: Prompt['tool_choice'], tools: readonly { name: string }[]): Refusal | undefined {
  if (choice === 'required' && tools.length === 0) {
    return invalid("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice');
  }
  if (typeof choice !== 'object' || choice === null || tools.some(({ name }) => name === choice.name)) return undefined;
  return invalid(`Tool choice 'function' not found in 'tools' parameter.`, 'tool_choice');
}

function formatFault(request: Prompt): Refusal | undefined {
  const format = request.text?.format;
  if (format?.type !== 'json_schema' || format.strict !== true) return undefined;
  const fault = strictSchemaFault(format.schema);
  const message = `Invalid schema for response_format '${format.name}': ${fault}`;
  return fault === undefined ? undefined : invalid(message, 'text.format.schema', 'invalid_json_schema');
}

export function contextFault(inputTokens: number, param: string): Refusal | undefined {
  if (inputTokens <= CONTEXT_TOKENS) return undefined;
  const message = 'Your input exceeds the context window of this model. Please adjust your input and try again.';
  return invalid(message, param, 'context_length_exceeded');
}
