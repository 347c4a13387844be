import { Refused } from './refusal.ts';
import type { CountRequest } from './request.ts';

export const STRICT_TOOLS_MAX = 20;
export const OPTIONAL_PARAMETERS_MAX = 24;
export const UNION_PARAMETERS_MAX = 16;
const DEPTH_MAX = 64;

type Schema = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const KNOWN = new Set(
  'type properties required additionalProperties items enum const anyOf allOf $ref $defs definitions description title default format pattern minItems $schema'.split(
    ' ',
  ),
);
const FORMATS = new Set('date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '));

interface Tally {
  optional: number;
  unions: number;
}

/** The schemas of strict tools and of a structured answer are of the subset that the service can hold a model to. */
export function checkStrict({ tools = [], output_config: output }: CountRequest): void {
  const strict = tools.flatMap((tool, index) => (tool.strict === true ? [{ tool, index }] : []));
  if (strict.length > STRICT_TOOLS_MAX)
    throw new Refused(`tools: at most ${STRICT_TOOLS_MAX} strict tools are supported. Found ${strict.length}.`);
  const tally: Tally = { optional: 0, unions: 0 };
  for (const { tool, index } of strict) checkSchema(tool.input_schema, `tools.${index}.custom.input_schema`, tally);
  if (output?.format) checkSchema(output.format.schema, 'output_config.format.schema', tally);
  if (tally.optional > OPTIONAL_PARAMETERS_MAX)
    throw new Refused(
      `Schemas contain too many optional parameters (${tally.optional}), which would make grammar compilation inefficient. The limit is ${OPTIONAL_PARAMETERS_MAX}.`,
    );
  if (tally.unions > UNION_PARAMETERS_MAX)
    throw new Refused(
      `Schemas contain too many parameters with union types (${tally.unions}). The limit is ${UNION_PARAMETERS_MAX}.`,
    );
}

function checkSchema(root: Schema, place: string, tally: Tally): void {
  walk(root, { root, place, tally, references: [], depth: 0 });
}

interface Walk {
  root: Schema;
  place: string;
  tally: Tally;
  /** References that are being followed. */
  references: readonly string[];
  depth: number;
}

function walk(schema: Schema, at: Walk): void {
  const refuse = (what: string): never => {
    throw new Refused(`${at.place}: ${what}`);
  };
  if (at.depth > DEPTH_MAX) refuse('Schema is nested too deeply');
  const inner = { ...at, depth: at.depth + 1 };
  const unknown = Object.keys(schema).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) refuse(`For '${String(schema['type'])}' type, property '${unknown}' is not supported`);
  const { minItems, format, type } = schema;
  if (minItems !== undefined && minItems !== 0 && minItems !== 1)
    refuse(`For 'array' type, 'minItems' values other than 0 or 1 are not supported`);
  if (format !== undefined && !(typeof format === 'string' && FORMATS.has(format)))
    refuse(`For 'string' type, format ${JSON.stringify(format)} is not supported`);
  if (Array.isArray(type) || Array.isArray(schema['anyOf'])) at.tally.unions += 1;
  if (type === 'object' || isObject(schema['properties'])) checkObject(schema, inner, refuse);
  if (isObject(schema['items'])) walk(schema['items'], inner);
  for (const key of ['anyOf', 'allOf']) {
    const variants = schema[key];
    if (Array.isArray(variants)) for (const variant of variants) if (isObject(variant)) walk(variant, inner);
  }
  if (typeof schema['$ref'] === 'string') follow(schema['$ref'], inner, refuse);
}

function checkObject(schema: Schema, inner: Walk, refuse: (what: string) => never): void {
  if (schema['additionalProperties'] !== false)
    refuse(`For 'object' type, 'additionalProperties' must be explicitly set to false`);
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const [name, property] of Object.entries(isObject(schema['properties']) ? schema['properties'] : {})) {
    if (!required.includes(name)) inner.tally.optional += 1;
    if (isObject(property)) walk(property, { ...inner, place: `${inner.place}.properties.${name}` });
  }
}

function follow(reference: string, at: Walk, refuse: (what: string) => never): void {
  if (at.references.includes(reference) || reference === '#') refuse('Circular references are not supported');
  const target = reference
    .split('/')
    .slice(1)
    .reduce<unknown>((schema, step) => (isObject(schema) ? schema[step] : undefined), at.root);
  if (!isObject(target)) return refuse(`Reference '${reference}' was not found`);
  walk(target, { ...at, references: [...at.references, reference] });
}
