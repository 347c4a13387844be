import Anthropic from '@anthropic-ai/sdk';
import { ARGUMENT_CHARS_MAX, Unanswered } from '@troupe/contract';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { failed, rateLimitsOf, retryAfterMs, thrown, unanswered } from './failure.ts';

const open = new AbortController().signal;

/** As Anthropic's SDK throws it; without a status it came in the middle of a stream. */
function anthropicError(status: number | undefined, type: string, message: string, details?: object) {
  const body = { type: 'error', error: { type, message, ...(details && { details }) }, request_id: 'req_1' };
  return status === undefined
    ? new Anthropic.APIError(undefined, body, undefined, new Headers())
    : Anthropic.APIError.generate(status, body, undefined, new Headers({ 'retry-after': '7' }));
}

function openAiError(status: number, error: { message: string; type?: string; code?: string; param?: string }) {
  return OpenAI.APIError.generate(status, { error }, undefined, new Headers({ 'retry-after-ms': '250' }));
}

describe('a failure', () => {
  it('holds neither the configured key nor anything that looks like one', () => {
    const { message } = failed('rejected', 'bad my-secret, sk-proj-***********1234 and sk-ant-abcdefgh', {
      secret: 'my-secret',
    });
    expect(message).toBe('bad [redacted], [redacted] and [redacted]');
    expect(unanswered('rejected', 'Authorization: Bearer 0123456789', 'x9').message).toBe('Authorization: [redacted]');
  });

  it('leaves a message alone when the key is empty', () => {
    expect(failed('rejected', 'plain', { secret: '' }).message).toBe('plain');
  });

  it('keeps its message within the contract', () => {
    expect(failed('unreachable', 'x'.repeat(ARGUMENT_CHARS_MAX * 2)).message).toHaveLength(ARGUMENT_CHARS_MAX);
    expect(Unanswered.safeParse(unanswered('unavailable', 'x'.repeat(ARGUMENT_CHARS_MAX * 2))).success).toBe(true);
  });

  it('names a parameter only where leaving it out may help', () => {
    expect(failed('parameter', 'no', { parameter: 'thinking' }).parameter).toBe('thinking');
    expect(failed('rejected', 'no', { parameter: 'thinking' }).parameter).toBeUndefined();
  });
});

describe('what a service refuses', () => {
  it.each([
    [400, 'rejected'],
    [401, 'unauthorised'],
    [402, 'spent'],
    [403, 'unauthorised'],
    [404, 'rejected'],
    [408, 'unreachable'],
    [409, 'unreachable'],
    [413, 'too_large'],
    [422, 'rejected'],
    [429, 'rate_limited'],
    [500, 'unreachable'],
    [502, 'unreachable'],
    [503, 'overloaded'],
    [529, 'overloaded'],
  ])('with the status %i is %s', (status, kind) => {
    expect(thrown(anthropicError(status, 'some_error', 'no'), open, undefined)).toMatchObject({ kind, status });
    expect(thrown(openAiError(status, { message: 'no' }), open, undefined)).toMatchObject({ kind, status });
  });

  it.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate_limited'],
    ['api_error', 'unreachable'],
    ['authentication_error', 'unauthorised'],
    ['request_too_large', 'too_large'],
    ['invalid_request_error', 'rejected'],
    ['something_new', 'rejected'],
  ])('in the middle of a stream as %s is %s', (type, kind) => {
    const failure = thrown(anthropicError(undefined, type, 'no'), open, undefined);
    expect(failure).toMatchObject({ kind, message: 'no' });
    expect(failure.status).toBeUndefined();
  });

  it.each([
    [anthropicError(429, 'rate_limit_error', 'no', { error_code: 'enforced_spend_limit_reached' })],
    [anthropicError(400, 'invalid_request_error', 'You have reached your specified API usage limits. Until May.')],
    [anthropicError(400, 'invalid_request_error', 'Your credit balance is too low to access the API.')],
    [openAiError(429, { message: 'no', code: 'insufficient_quota' })],
    [openAiError(429, { message: 'no', code: 'credit_balance_exhausted' })],
    [openAiError(429, { message: 'no', code: 'project_spend_limit_exceeded' })],
    [openAiError(429, { message: 'no', code: 'organization_usage_limit_exceeded' })],
  ])('because the account is empty is spent: %s', (error) => {
    expect(thrown(error, open, undefined).kind).toBe('spent');
  });

  it.each([
    [anthropicError(400, 'invalid_request_error', 'prompt is too long: 1000001 tokens > 1000000 maximum')],
    [openAiError(400, { message: 'no', code: 'context_length_exceeded', param: 'messages' })],
    [openAiError(400, { message: "This model's maximum context length is 8192 tokens." })],
    [openAiError(400, { message: 'the request exceeds the available context size' })],
  ])('because the prompt does not fit is too long: %s', (error) => {
    expect(thrown(error, open, undefined).kind).toBe('too_long');
  });

  it.each([
    [
      anthropicError(
        400,
        'invalid_request_error',
        'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
      ),
    ],
    [anthropicError(400, 'invalid_request_error', 'messages.1.content.0: bound to a different conversation')],
    [anthropicError(400, 'invalid_request_error', 'messages.1.content.0: Invalid `signature` in `thinking` block')],
    [openAiError(400, { message: 'The encrypted content for item rs_1 could not be verified.' })],
    [openAiError(400, { message: 'no', code: 'invalid_encrypted_content' })],
    [openAiError(400, { message: "Item 'fc_1' was provided without its required 'reasoning' item: 'rs_1'." })],
    [openAiError(404, { message: 'Items are not persisted when `store` is set to false.', param: 'input' })],
  ])('of what earlier answers wanted back is an echo: %s', (error) => {
    expect(thrown(error, open, undefined).kind).toBe('echo');
  });

  it.each([
    ['tool_choice: type "tool" and "any" are not supported for this model.', 'tool_choice'],
    ['`tool_choice: type "tool" and "any" are not supported for this model.`', 'tool_choice'],
    ['thinking.type: disabled is not supported for this model', 'thinking'],
    ['Thinking may not be enabled when tool_choice forces tool use.', 'tool_choice'],
    ['output_config.effort: xhigh is not supported', 'output_config'],
    ['This model does not support the effort parameter.', 'output_config'],
    ['tools.0.custom.strict: Extra inputs are not permitted', 'strict'],
    ['tools.3.custom.input_schema: maxItems is not supported', 'strict'],
    ['Schemas contain too many parameters with union types (17).', 'strict'],
    ['tools: at most 20 strict tools are supported. Found 21.', 'strict'],
    ['system.0.cache_control: Extra inputs are not permitted', 'cache_control'],
    ['messages.0.content.0.cache_control: A maximum of 4 blocks', 'cache_control'],
    ['`temperature` is deprecated for this model.', 'temperature'],
  ])('by the name of a parameter that can be left out names it: %s', (message, parameter) => {
    const failure = thrown(anthropicError(400, 'invalid_request_error', message), open, undefined);
    expect(failure).toMatchObject({ kind: 'parameter', parameter });
  });

  it.each([
    ['reasoning.effort', 'reasoning'],
    ['reasoning_effort', 'reasoning_effort'],
    ['tools[0].function.strict', 'strict'],
    ['tools[0].parameters', 'strict'],
    ['stream_options', 'stream_options'],
    ['max_tokens', 'max_tokens'],
  ])('by its path %s names the parameter %s', (param, parameter) => {
    const failure = thrown(openAiError(400, { message: 'Unsupported: tool_choice', param }), open, undefined);
    expect(failure).toMatchObject({ kind: 'parameter', parameter });
  });

  it.each([
    [anthropicError(400, 'invalid_request_error', 'messages: roles must alternate')],
    [openAiError(400, { message: 'tool_choice is fine, the messages are not', param: 'messages[2]' })],
    [openAiError(404, { message: 'The model `gpt-none` does not exist', code: 'model_not_found' })],
  ])('for another reason is rejected: %s', (error) => {
    expect(thrown(error, open, undefined).kind).toBe('rejected');
  });

  it('tells how long to wait, the words of the service, and no key', () => {
    expect(thrown(anthropicError(429, 'rate_limit_error', 'slow down, k-1'), open, 'k-1')).toEqual({
      ok: false,
      kind: 'rate_limited',
      message: '429 slow down, [redacted]',
      status: 429,
      retryAfterMs: 7_000,
    });
    expect(thrown(openAiError(429, { message: 'slow' }), open, undefined)).toMatchObject({ retryAfterMs: 250 });
  });
});

describe('what never came from the service', () => {
  it.each([
    [
      new Anthropic.APIConnectionError({ cause: new Error('fetch failed', { cause: new Error('ECONNREFUSED') }) }),
      'unreachable',
      'Connection error. (ECONNREFUSED)',
    ],
    [
      new TypeError('terminated', { cause: new Error('other side closed') }),
      'unreachable',
      'terminated (other side closed)',
    ],
    [new Anthropic.APIConnectionTimeoutError(), 'unreachable', 'Request timed out.'],
    [new Anthropic.AnthropicError('stream ended'), 'unreachable', 'stream ended'],
    [new SyntaxError('Unexpected token'), 'malformed', 'the answer is not JSON: Unexpected token'],
    ['just a string', 'unreachable', 'just a string'],
    [undefined, 'unreachable', 'undefined'],
  ])('%s is %s', (error, kind, message) => {
    expect(thrown(error, open, undefined)).toEqual({ ok: false, kind, message });
  });

  it('is aborted once the signal is, whatever was thrown', () => {
    const error = anthropicError(500, 'api_error', 'no');
    expect(thrown(error, AbortSignal.abort(), undefined)).toMatchObject({ kind: 'aborted' });
  });

  it('is read to the end although its causes go round', () => {
    const error = new Error('round');
    error.cause = error;
    expect(thrown(error, open, undefined).kind).toBe('unreachable');
  });
});

describe('headers', () => {
  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '30', 'retry-after': '2' }, 30],
    [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{}, undefined],
  ])('%j ask to wait %s ms', (headers, waitMs) => {
    expect(retryAfterMs(new Headers(headers))).toBe(waitMs);
  });

  it('tell the limits of both vendors, and nothing that is no count', () => {
    const anthropic = {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-tokens-limit': '40000',
      'anthropic-ratelimit-tokens-remaining': '39000',
    };
    const openAi = {
      'x-ratelimit-limit-requests': '50',
      'x-ratelimit-remaining-requests': '49',
      'x-ratelimit-limit-tokens': '40000',
      'x-ratelimit-remaining-tokens': '39000',
    };
    const limits = { requestsPerMinute: 50, requestsLeft: 49, tokensPerMinute: 40_000, tokensLeft: 39_000 };
    expect(rateLimitsOf(new Headers(anthropic))).toEqual(limits);
    expect(rateLimitsOf(new Headers(openAi))).toEqual(limits);
    expect(rateLimitsOf(new Headers({ 'anthropic-ratelimit-input-tokens-remaining': '7' }))).toEqual({ tokensLeft: 7 });
    expect(rateLimitsOf(new Headers({ 'x-ratelimit-limit-requests': '-1' }))).toEqual({});
    expect(rateLimitsOf(new Headers())).toEqual({});
  });
});
