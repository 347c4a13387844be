/** How OpenAI's services refuse a request: a status, and what stands in the body under `error`. */
export interface Refusal {
  status: number;
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** A request that is wrong in itself. `param` is the parameter at fault, written as in the messages: `tools[0].name`. */
export function invalid(message: string, param: string | null = null, code: string | null = null): Refusal {
  return { status: 400, error: { message, type: 'invalid_request_error', param, code } };
}

/** The same with another status. */
export function refusal(
  status: number,
  message: string,
  { type = 'invalid_request_error', param = null, code = null }: Partial<Omit<Refusal['error'], 'message'>> = {},
): Refusal {
  return { status, error: { message, type, param, code } };
}

/** The values of a list as the messages write them: `'low', 'medium', and 'high'`. */
export function valueList(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  const last = quoted.at(-1) ?? '';
  if (quoted.length < 3) return quoted.join(' and ');
  return `${quoted.slice(0, -1).join(', ')}, and ${last}`;
}
