import { randomUUID } from 'node:crypto';
import type { HttpFault, Plain } from '../exchange.ts';

export const requestId = (): string => `req_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

/** A refusal in the service's shape. */
function refusal(status: number, type: string, message: string, details?: Record<string, unknown>): Plain {
  const id = requestId();
  const error = { type, message, ...(details === undefined ? {} : { details }) };
  return { status, headers: { 'request-id': id }, body: { type: 'error', error, request_id: id } };
}

/** Why a request is not valid; what is thrown nowhere but caught in one place. */
export class Refused extends Error {
  readonly plain: Plain;

  constructor(message: string, status = 400, type = 'invalid_request_error') {
    super(message);
    this.plain = refusal(status, type, message);
  }
}

export function failure(fault: HttpFault, { retryAfterSeconds }: { retryAfterSeconds: number }): Plain {
  const retry = { 'retry-after': String(retryAfterSeconds) };
  switch (fault) {
    case 'rate_limited': {
      const plain = refusal(429, 'rate_limit_error', 'This request would exceed the rate limit of your organization.');
      return { ...plain, headers: { ...plain.headers, ...retry } };
    }
    case 'spent':
      return refusal(429, 'rate_limit_error', 'Your organization has reached its enforced spend limit.', {
        error_code: 'enforced_spend_limit_reached',
      });
    case 'usage_limit':
      return refusal(400, 'invalid_request_error', 'You have reached your specified API usage limits.');
    case 'overloaded':
      return refusal(529, 'overloaded_error', 'Overloaded');
    case 'server_error':
      return refusal(500, 'api_error', 'Internal server error');
    case 'wrong_key':
      return refusal(401, 'authentication_error', 'invalid x-api-key');
    case 'forbidden':
      return refusal(403, 'permission_error', 'Your API key does not have permission to use the specified resource.');
    case 'too_large':
      return refusal(413, 'request_too_large', 'Request exceeds the maximum size');
    case 'no_json':
      return refusal(400, 'invalid_request_error', 'The request body is not valid JSON');
    case 'not_found':
      return refusal(404, 'not_found_error', 'Not found');
  }
}
