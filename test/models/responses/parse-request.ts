import type { z } from 'zod';
import { invalid, valueList, type Refusal } from './refusal.ts';

type Issue = z.core.$ZodIssue;

/**
 * A request's body against its schema. What does not fit is refused in the words of OpenAI's services, one mistake at a
 * time: parameters that nobody knows, that are missing, of another type or with another value.
 */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): { ok: true; request: z.infer<Schema> } | { ok: false; refusal: Refusal } {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return { ok: true, request: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, refusal: issue === undefined ? invalid('Invalid body.') : refusalOf(issue, []) };
}

/** `['tools', 0, 'name']` is `tools[0].name`. */
function written(path: readonly PropertyKey[]): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${String(step)}`))
    .join('');
}

function refusalOf(issue: Issue, above: readonly PropertyKey[]): Refusal {
  const path = [...above, ...issue.path];
  const param = written(path);
  if (issue.code === 'unrecognized_keys') {
    const unknown = written([...path, issue.keys[0] ?? '']);
    return invalid(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
  }
  if (issue.code === 'invalid_union') return unionRefusal(issue, path);
  if (issue.input === undefined) {
    return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }
  if (issue.code === 'invalid_type') {
    const message = `Invalid type for '${param}': expected ${article(issue.expected)}, but got ${article(kindOf(issue.input))} instead.`;
    return invalid(message, param, 'invalid_type');
  }
  if (issue.code === 'invalid_value') return valueRefusal(param, issue.input, issue.values.map(String));
  if (issue.code === 'too_big') {
    const message =
      issue.origin === 'string'
        ? `Invalid '${param}': string too long. Expected a string with maximum length ${issue.maximum}.`
        : `Invalid '${param}': above the maximum of ${issue.maximum}.`;
    return invalid(message, param, `${issue.origin}_above_max`);
  }
  if (issue.code === 'too_small')
    return invalid(`Invalid '${param}': below the minimum of ${issue.minimum}.`, param, `${issue.origin}_below_min`);
  return invalid(`Invalid '${param}': ${issue.message}.`, param, 'invalid_value');
}

/** Of the forms that a value may have, the one that it comes closest to says what is wrong. */
function unionRefusal(issue: z.core.$ZodIssueInvalidUnion, path: readonly PropertyKey[]): Refusal {
  const branches = issue.errors.flatMap((issues) => issues.slice(0, 1));
  const closest = branches.toSorted((one, other) => other.path.length - one.path.length)[0];
  if (closest !== undefined) return refusalOf(closest, path);
  const param = written(path);
  if (issue.input === undefined) {
    return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }
  // A union that is told by one field: the path leads to that field, the input is what holds it.
  const told: unknown = Object(issue.input)[path.at(-1) ?? ''];
  if (told === undefined)
    return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  return invalid(`Invalid value: '${JSON.stringify(told).replaceAll('"', '')}'.`, param, 'invalid_value');
}

function valueRefusal(param: string, input: unknown, values: readonly string[]): Refusal {
  const message = `Invalid value: '${String(input)}'. Supported values are: ${valueList(values)}.`;
  return invalid(message, param, 'invalid_value');
}

const NAMES: Readonly<Record<string, string>> = { int: 'integer', record: 'object', bool: 'boolean' };

function article(kind: string): string {
  const name = NAMES[kind] ?? kind;
  if (name === 'null') return name;
  return `${/^[aeio]/u.test(name) ? 'an' : 'a'} ${name}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
