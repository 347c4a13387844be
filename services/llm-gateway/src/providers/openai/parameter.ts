import type { Told } from './told.ts';

/** How a server says that it does not know a parameter, rather than that its value is wrong. */
const UNKNOWN = /unsupported|not supported|unrecogni[sz]ed|unknown|unexpected|not permitted|extra (?:inputs|fields)/i;
/** Without these the answer has no bound: they have another name, so only an unknown name may go. */
const LIMITS: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens']);
/** A schema outside the strict subset: it passes if the tool is not strict. */
const BAD_SCHEMA = 'invalid_function_parameters';

/**
 * Which of the parameters that were sent a 400 is about. `error.param` names it where the server fills it in, as a path
 * (`tools[0].function.strict`); else the words do. Undefined if it is about none of them.
 */
export function parameterNamed(told: Told, sent: readonly string[]): string | undefined {
  const { message, code, param } = told;
  if (told.status !== 400 && told.status !== 422) return undefined;
  if (code === BAD_SCHEMA && sent.includes('strict')) return 'strict';
  const path = typeof param === 'string' && param !== '' ? param.split(/[.[\]]+/) : undefined;
  return sent.find((name) => {
    const field = fieldOf(name);
    const isNamed = path ? path.includes(field) : isIn(message, field);
    return isNamed && (!LIMITS.has(name) || UNKNOWN.test(`${String(code)} ${message}`));
  });
}

/** `tool_choice.function` stands for one form of `tool_choice`: there is another to try. */
const fieldOf = (name: string): string => name.split('.', 1)[0] ?? name;

/** A name that is also a plain word (`include`, `strict`) counts in quotes only. */
function isIn(message: string, name: string): boolean {
  return name.includes('_') ? new RegExp(`\\b${name}\\b`).test(message) : new RegExp(`['"\`]${name}\\b`).test(message);
}
