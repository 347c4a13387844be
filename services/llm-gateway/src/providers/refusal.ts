import type { FailureKind } from './provider.ts';

/** What a service says when it refuses a request, in either vendor's words. */
export interface Refusal {
  /** Left out by errors in the middle of a stream. */
  status?: number | undefined;
  text: string;
  type?: string | undefined;
  code?: string | undefined;
  /** The path that the refusal is about, as OpenAI names it (`error.param`). */
  parameter?: string | undefined;
}

/** Characters of a text that are looked at: a service may say any amount, and some of the patterns take the square of it. */
const TEXT_CHARS_MAX = 4_000;

const SPENT_CODES =
  /^(?:insufficient_quota|billing_error|credit_balance_exhausted|billing_hard_limit_reached|organization_usage_limit_exceeded|\w+_spend_limit_(?:exceeded|reached))$/;
const SPENT_WORDS = /reached your specified (?:workspace )?API usage limits|credit balance is too low/i;
const TOO_LONG_CODES = /^(?:context_length_exceeded|string_above_max_length)$/;
const TOO_LONG_WORDS =
  /prompt is too long|maximum context length|exceeds? the (?:model's |available )?context|context (?:window|length|size) (?:exceeded|is too)|input length and `?max_tokens`? exceed/i;
const ECHO_CODES = /^(?:invalid_encrypted_content|thinking_\w+)$/;
/** What earlier answers wanted back does not fit any more: changed, dropped in part, or of another conversation. */
const ECHO_WORDS = [
  /bound to a different conversation/i,
  /thinking\b.*\b(?:cannot be modified|must remain|must not be|missing|reordered|unchanged)/i,
  /\bsignature\b.*\bthinking\b|\bthinking\b.*\bsignature\b/i,
  /encrypted[_ ]content\b.*\b(?:could not|cannot|invalid|not be)/i,
  /without its required ['"]?(?:reasoning|following|function_call|message)/i,
  /items are not persisted when [`'"]?store/i,
  /thought.?signature/i,
];

/** By the names that errors have in the body, which are all that an error inside a stream has. */
const KIND_OF_TYPE: ReadonlyMap<string, FailureKind> = new Map([
  ['authentication_error', 'unauthorised'],
  ['permission_error', 'unauthorised'],
  ['invalid_api_key', 'unauthorised'],
  ['request_too_large', 'too_large'],
  ['rate_limit_error', 'rate_limited'],
  ['rate_limit_exceeded', 'rate_limited'],
  ['overloaded_error', 'overloaded'],
  ['server_is_overloaded', 'overloaded'],
  ['slow_down', 'overloaded'],
  ['api_error', 'unreachable'],
  ['server_error', 'unreachable'],
  ['timeout_error', 'unreachable'],
]);

const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = {
  401: 'unauthorised',
  402: 'spent',
  403: 'unauthorised',
  408: 'unreachable',
  409: 'unreachable',
  413: 'too_large',
  429: 'rate_limited',
  503: 'overloaded',
  529: 'overloaded',
};

/** The one place that says what a service's refusal means. */
export function kindOf(refusal: Refusal): FailureKind {
  const { status, type = '', code = '' } = refusal;
  const text = refusal.text.slice(0, TEXT_CHARS_MAX);
  if (SPENT_CODES.test(code) || SPENT_CODES.test(type) || SPENT_WORDS.test(text)) return 'spent';
  const known = KIND_OF_STATUS[status ?? 0];
  if (known) return known;
  if (status !== undefined && status >= 500) return 'unreachable';
  if (TOO_LONG_CODES.test(code) || TOO_LONG_WORDS.test(text)) return 'too_long';
  const named = status === undefined ? (KIND_OF_TYPE.get(code) ?? KIND_OF_TYPE.get(type)) : undefined;
  if (named) return named;
  if (ECHO_CODES.test(code) || ECHO_WORDS.some((words) => words.test(text))) return 'echo';
  return status !== 404 && dispensableParameter(refusal) !== undefined ? 'parameter' : 'rejected';
}

/** Parameters that a request may do without, by their names on the wire, of all APIs. */
const DISPENSABLE: readonly string[] = [
  'tool_choice',
  'parallel_tool_calls',
  'thinking',
  'output_config',
  'strict',
  'cache_control',
  'reasoning',
  'reasoning_effort',
  'include',
  'store',
  'prompt_cache_key',
  'stream_options',
  'max_output_tokens',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
];
/** A schema that is refused is one of the strict subset: tools pass without the promise to keep to it. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['effort', 'output_config'],
  ['input_schema', 'strict'],
  ['parameters', 'strict'],
]);
const SCHEMA_WORDS = /\bgrammar\b|\bschemas? (?:contain|is too|are too)/i;
const LEADING_PATH = /^\W?([A-Za-z_]\w*(?:[.[\]]+\w+)*)\W?\s*:/;

/** The parameter that a refusal names and that requests may do without; undefined if it names none. */
export function dispensableParameter(refusal: Refusal): string | undefined {
  const text = refusal.text.slice(0, TEXT_CHARS_MAX);
  const parameter = refusal.parameter?.slice(0, TEXT_CHARS_MAX);
  const path = parameter ?? LEADING_PATH.exec(text)?.[1];
  const segments = path?.split(/[.[\]]+/) ?? [];
  const named = segments.find((segment) => DISPENSABLE.includes(segment)) ?? segments.find((name) => ALIASES.has(name));
  if (named !== undefined) return ALIASES.get(named) ?? named;
  // The service says precisely what it is about, and that cannot be left out.
  if (parameter !== undefined) return undefined;
  if (SCHEMA_WORDS.test(text)) return 'strict';
  const word = text.match(/\w+/g)?.find((candidate) => DISPENSABLE.includes(candidate) || candidate === 'effort');
  return word === undefined ? undefined : (ALIASES.get(word) ?? word);
}
