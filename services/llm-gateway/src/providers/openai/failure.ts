import { APIError } from 'openai';
import { failed, thrown } from '../failure.ts';
import type { Failure, FailureKind } from '../provider.ts';
import { kindOf } from '../refusal.ts';
import { parameterNamed } from './parameter.ts';
import type { Told } from './told.ts';

/** The prompt is what the vendor's rules forbid: another model may see it otherwise. */
const REFUSED = /^(?:invalid_prompt|content_filter|\w+_policy|\w+_policy_violation)$/;
/** Words of compatible servers; a prompt over the limit of a whole minute comes as 429, and no waiting helps. */
const TOO_LONG = /context (?:length|window|size)|maximum number of tokens allowed|request too large for/i;
const TOO_LONG_STATUSES: ReadonlySet<number | undefined> = new Set([undefined, 400, 413, 422, 429]);

/** Whether the SDK threw what the service said. */
export const isServiceError = (error: unknown): error is APIError => error instanceof APIError;

/** What the SDK threw, as data. `sent`: the parameters of the request that an answer is possible without. */
export function openAiFailure(
  error: unknown,
  signal: AbortSignal,
  secret: string | undefined,
  sent: readonly string[],
): Failure {
  const known = withStatus(error);
  const failure = thrown(known, signal, secret);
  if (failure.kind === 'aborted' || !isServiceError(known)) return failure;
  const { message, code, param } = known;
  const { status, retryAfterMs } = failure;
  const told: Told = { message, code, param, status };
  const kind = refinedKind(failure.kind, told);
  if (kind !== 'parameter' && kind !== 'rejected')
    return failed(kind, failure.message, { status, retryAfterMs, secret });
  const parameter = parameterNamed(told, sent);
  return failed(parameter === undefined ? 'rejected' : 'parameter', failure.message, { status, parameter, secret });
}

/** What a service says in a stream, or in the body of an answer that failed. */
export function failureTold({ message, code }: Told, secret: string | undefined): Failure {
  const name = typeof code === 'string' ? code : undefined;
  const kind = kindOf({ text: message, code: name });
  // An error without a name, in the middle of an answer, is the service's own.
  const known = kind === 'rejected' && name === undefined ? 'unreachable' : kind;
  return failed(refinedKind(known, { message, code }), message, { secret });
}

/** What the kinds of both vendors do not know of the code and the words. */
function refinedKind(kind: FailureKind, { message, code, status }: Told): FailureKind {
  if (typeof code === 'string' && REFUSED.test(code)) return 'refused';
  return TOO_LONG_STATUSES.has(status) && TOO_LONG.test(message) ? 'too_long' : kind;
}

/** A router that has begun a stream cannot send a status any more: it puts the number into the error's code. */
function withStatus(error: unknown): unknown {
  if (!isServiceError(error) || error.status !== undefined) return error;
  const status = Number(error.code);
  if (!Number.isInteger(status) || status < 400 || status > 599) return error;
  return APIError.generate(status, { error: error.error }, error.message, error.headers ?? new Headers());
}
