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

/** What goes wrong at any service, as OpenAI's say it. */
export function failureOf(fault: HttpFault, retryAfterSeconds: number): Plain {
  const headers = { 'retry-after': String(retryAfterSeconds), 'retry-after-ms': String(retryAfterSeconds * 1_000) };
  switch (fault) {
    case 'rate_limited': {
      const message = `Rate limit reached for requests. Please try again in ${retryAfterSeconds}s.`;
      return { ...refused(refusal(429, message, { type: 'requests', code: 'rate_limit_exceeded' })), headers };
    }
    case 'overloaded': {
      const message = 'The engine is currently overloaded, please try again later.';
      return {
        ...refused(refusal(503, message, { type: 'service_unavailable_error', code: 'server_is_overloaded' })),
        headers,
      };
    }
    case 'server_error':
      return refused(refusal(500, 'The server had an error while processing your request.', { type: 'server_error' }));
    case 'spent': {
      const message = 'You exceeded your current quota, please check your plan and billing details.';
      return refused(refusal(429, message, { type: 'insufficient_quota', code: 'insufficient_quota' }));
    }
    case 'usage_limit': {
      const message = 'Your organization has reached its usage limit.';
      return refused(refusal(429, message, { type: 'insufficient_quota', code: 'organization_usage_limit_exceeded' }));
    }
    case 'wrong_key':
      return refused(refusal(401, 'Incorrect API key provided.', { code: 'invalid_api_key' }));
    case 'forbidden':
      return refused(refusal(403, 'You are not allowed to sample from this model.', { code: 'permission_denied' }));
    case 'too_large':
      return refused(refusal(413, 'Request body is larger than 32 MB.', { code: 'request_too_large' }));
    case 'no_json':
      return refused(refusal(400, 'We could not parse the JSON body of your request.'));
    case 'not_found':
      return refused(refusal(404, 'Invalid URL.'));
  }
}

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
