import type { Plain } from '../exchange.ts';
import { refused } from '../responses/failures.ts';
import type { Refusal } from '../responses/refusal.ts';

type Form = (refusal: Refusal) => Plain;

const form =
  (body: (refusal: Refusal) => unknown): Form =>
  (refusal) => ({ status: refusal.status, body: body(refusal) });

/** Names of statuses in Google's APIs. */
const GOOGLE: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** How each server words a refusal: few do it as OpenAI does, two so that OpenAI's SDK does not find the message. */
export const ERRORS = {
  openai: refused,
  vllm: form(({ status, error }) => ({
    error: {
      message: error.message,
      type: status === 400 ? 'BadRequestError' : error.type,
      param: error.param,
      code: status,
    },
  })),
  llamaCpp: form(({ status, error }) => ({ error: { code: status, message: error.message, type: error.type } })),
  lmStudio: form(({ error }) => ({ error: error.message })),
  openRouter: form(({ status, error }) => ({ error: { message: error.message, code: status }, user_id: 'user_1' })),
  gemini: form(({ status, error }) => [
    { error: { code: status, message: error.message, status: GOOGLE[status] ?? 'INTERNAL' } },
  ]),
  mistral: ({ status, error: { message, type, param, code } }: Refusal): Plain => {
    // What does not fit the schema is told in another form than what does not fit the conversation.
    if (status === 400 && !/^\d+$/u.test(code ?? '')) {
      const told = { detail: [detailOf(message, param, code)] };
      return { status: 422, body: { object: 'error', message: told, type, param: null, code: null } };
    }
    return { status, body: { object: 'error', message, type, param, code } };
  },
} satisfies Record<string, Form>;

function detailOf(message: string, param: string | null, code: string | null): object {
  const loc = ['body', ...(param ?? '').split('.')];
  return code === 'unknown_parameter'
    ? { type: 'extra_forbidden', loc, msg: 'Extra inputs are not permitted' }
    : { type: 'value_error', loc, msg: message };
}
