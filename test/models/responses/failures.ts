import type { HttpFault, Plain, ToldLimits } from '../exchange.ts';
import { refusal, type Refusal } from './refusal.ts';

/** A refusal as it goes out. */
export function refused({ status, error }: Refusal): Plain {
  return { status, headers: { 'x-request-id': 'req_refused' }, body: { error } };
}

const UNAUTHORISED =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";

/** A request without a key. */
export function keyFault(authorization: string | undefined): Refusal | undefined {
  return /^Bearer \S+$/u.test(authorization ?? '') ? undefined : refusal(401, UNAUTHORISED);
}

/** What goes wrong at any service, as OpenAI's say it; `form` is how a compatible server words a refusal. */
export function failureOf(
  fault: HttpFault,
  retryAfterSeconds: number,
  form: (refusal: Refusal) => Plain = refused,
): Plain {
  const plain = form(FAILURES[fault]);
  if (fault !== 'rate_limited' && fault !== 'overloaded') return plain;
  const waits = { 'retry-after': String(retryAfterSeconds), 'retry-after-ms': String(retryAfterSeconds * 1_000) };
  return { ...plain, headers: { ...plain.headers, ...waits } };
}

const FAILURES: Readonly<Record<HttpFault, Refusal>> = {
  rate_limited: refusal(429, 'Rate limit reached for requests. Please try again later.', {
    type: 'requests',
    code: 'rate_limit_exceeded',
  }),
  overloaded: refusal(503, 'The engine is currently overloaded, please try again later.', {
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
  }),
  server_error: refusal(500, 'The server had an error while processing your request.', { type: 'server_error' }),
  spent: refusal(429, 'You exceeded your current quota, please check your plan and billing details.', {
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  }),
  usage_limit: refusal(429, 'Your organization has reached its usage limit.', {
    type: 'insufficient_quota',
    code: 'organization_usage_limit_exceeded',
  }),
  wrong_key: refusal(401, 'Incorrect API key provided.', { code: 'invalid_api_key' }),
  forbidden: refusal(403, 'You are not allowed to sample from this model.', { code: 'permission_denied' }),
  too_large: refusal(413, 'Request body is larger than 32 MB.', { code: 'request_too_large' }),
  no_json: refusal(400, 'We could not parse the JSON body of your request.'),
  not_found: refusal(404, 'Invalid URL.'),
};

const resetTime = (left: number) => (left > 0 ? '1ms' : '1s');

export function limitHeadersOf(told: ToldLimits): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(told.requestsPerMinute),
    'x-ratelimit-remaining-requests': String(told.requestsLeft),
    'x-ratelimit-reset-requests': resetTime(told.requestsLeft),
    'x-ratelimit-limit-tokens': String(told.tokensPerMinute),
    'x-ratelimit-remaining-tokens': String(told.tokensLeft),
    'x-ratelimit-reset-tokens': resetTime(told.tokensLeft),
  };
}
