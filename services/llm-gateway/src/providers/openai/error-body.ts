import { z } from 'zod';
import { boundedFetch } from '../bounded-fetch.ts';
import { redacted } from '../failure.ts';

/** Characters of an error's body that are read: a proxy's page may be any size. */
export const ERROR_BODY_CHARS_MAX = 16_384;
/** Characters of a body in some other form that is quoted. */
const QUOTE_CHARS_MAX = 500;

const Wire = z.object({
  message: z.string(),
  type: z.unknown().optional(),
  param: z.unknown().optional(),
  code: z.unknown().optional(),
});
/** `{error: {…}}` as OpenAI, in a list as Gemini, `{error: "…"}` as LM Studio, and Mistral's and older vLLM's without a cover. */
const Covered = z.union([
  z.object({ error: Wire }).transform(({ error }) => error),
  z.tuple([z.object({ error: Wire })], z.unknown()).transform(([{ error }]) => error),
  z.object({ error: z.string() }).transform(({ error }) => ({ message: error })),
  Wire,
]);

/**
 * As `fetch`, but the body of a refusal is always `{error: {message, …}}`: of any other form the SDK says nothing but
 * the status, and what a server does not take could not be left out.
 */
export async function readableErrors(
  secret: string | undefined,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const response = await boundedFetch(input, init);
  if (response.ok) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set('content-type', 'application/json');
  const error = errorIn(await beginning(response), secret);
  return new Response(JSON.stringify({ error }), { status, statusText, headers });
}

/** What a body says is wrong, in OpenAI's form. The key is cut out before the body is: half of it would stay. */
export function errorIn(body: string, secret: string | undefined): z.infer<typeof Wire> {
  const parsed = Covered.safeParse(jsonOf(body));
  return parsed.success ? parsed.data : { message: redacted(body, secret).slice(0, QUOTE_CHARS_MAX) };
}

async function beginning({ body }: Response): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    if (bytes instanceof Uint8Array) text += decoder.decode(bytes, { stream: true });
    if (text.length > ERROR_BODY_CHARS_MAX) break;
  }
  return text.slice(0, ERROR_BODY_CHARS_MAX);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
