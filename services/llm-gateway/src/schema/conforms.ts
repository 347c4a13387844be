import { FORMATS, isSchema, namedSchemas, referenced, type Schema, type Subset } from './json-schema.ts';

/** Objects inside each other, the outermost counted. */
export const LEVELS_MAX = 10;
/** Properties of one schema, over all its objects. */
export const PROPERTIES_MAX = 5_000;
/** Parameters of more than one type; Anthropic's alone, and of one request. */
export const UNIONS_MAX = 16;

/** The keywords that may stand beside `type`. Sizes and ranges are refused by one vendor or the other. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items'],
  string: ['enum', 'format', 'pattern'],
  number: ['enum'],
  integer: ['enum'],
  boolean: ['enum'],
  null: [],
};

interface Walk {
  readonly root: Schema;
  readonly subset: Subset;
  readonly found: string[];
  properties: number;
  unions: number;
}

/**
 * What a vendor would refuse of a strict schema, a line each with its place; empty if nothing. Written from what the
 * vendors say and not from how `strictSchema` works, which it checks.
 */
export function violations(schema: Schema, subset: Subset): string[] {
  const { $defs: definitions = {}, ...root } = schema;
  const walk: Walk = { root: schema, subset, found: [], properties: 0, unions: 0 };
  if (root['type'] !== 'object') walk.found.push('#: must be an object');
  visit(root, '#', 1, walk);
  const named = namedSchemas(definitions);
  if (!named) walk.found.push('#/$defs: must be a map');
  for (const [name, definition] of named ?? []) visit(definition, `#/$defs/${name}`, 1, walk);
  if (walk.properties > PROPERTIES_MAX) walk.found.push(`#: has more than ${PROPERTIES_MAX} properties`);
  if (subset === 'anthropic') {
    if (walk.unions > UNIONS_MAX) walk.found.push(`#: has more than ${UNIONS_MAX} unions`);
    if (isRecursive(schema, schema, [], new Set())) walk.found.push('#: must not be recursive');
  }
  return walk.found;
}

function visit(schema: unknown, place: string, level: number, walk: Walk): void {
  const refuse = (message: string) => walk.found.push(`${place}: ${message}`);
  if (!isSchema(schema)) return void refuse('must be a schema');
  if (Object.hasOwn(schema, '$ref')) return visitReference(schema, refuse, walk);
  if (Object.hasOwn(schema, 'anyOf')) return visitUnion(schema, place, level, walk);
  const { type } = schema;
  const beside = typeof type === 'string' && Object.hasOwn(BESIDE, type) ? BESIDE[type] : undefined;
  if (!beside) return void refuse('must have one known type');
  for (const name of Object.keys(schema))
    if (name !== 'type' && name !== 'description' && !beside.includes(name)) refuse(`${name} is not taken`);
  visitValues(schema, refuse, walk);
  if (type === 'array') visit(schema['items'], `${place}/items`, level, walk);
  if (type === 'object') visitObject(schema, place, level, walk);
}

function visitReference(schema: Schema, refuse: (message: string) => void, { root }: Walk): void {
  if (Object.keys(schema).length > 1) refuse('must have nothing beside $ref');
  if (!referenced(schema['$ref'], root)) refuse('$ref must point to a definition');
}

function visitUnion({ anyOf, description: _words, ...others }: Schema, place: string, level: number, walk: Walk): void {
  for (const name of Object.keys(others)) walk.found.push(`${place}: ${name} must not stand beside anyOf`);
  if (!Array.isArray(anyOf) || anyOf.length === 0) return void walk.found.push(`${place}: anyOf must hold schemas`);
  walk.unions += 1;
  for (const [index, branch] of anyOf.entries()) visit(branch, `${place}/anyOf/${index}`, level, walk);
}

function visitValues(
  { type, format, pattern, enum: choices }: Schema,
  refuse: (message: string) => void,
  { subset }: Walk,
): void {
  if (format !== undefined && !FORMATS.includes(format)) refuse('format is not known');
  if (pattern !== undefined && subset === 'anthropic') refuse('pattern is not taken');
  if (choices === undefined) return;
  const isOfType = (choice: unknown) => typeof choice === (type === 'integer' ? 'number' : type);
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isOfType))
    refuse('enum must hold values of the type');
}

function visitObject(schema: Schema, place: string, level: number, walk: Walk): void {
  const { required, additionalProperties } = schema;
  if (level > LEVELS_MAX) walk.found.push(`${place}: is deeper than ${LEVELS_MAX} levels`);
  if (additionalProperties !== false) walk.found.push(`${place}: must be closed`);
  const properties = namedSchemas(schema['properties']);
  if (!properties || !Array.isArray(required)) return void walk.found.push(`${place}: must name its properties`);
  const isAllRequired = required.length === properties.length && properties.every(([name]) => required.includes(name));
  if (!isAllRequired) walk.found.push(`${place}: must require all its properties`);
  walk.properties += properties.length;
  for (const [name, property] of properties) visit(property, `${place}/properties/${name}`, level + 1, walk);
}

/** Whether a schema holds itself by way of references. `within`: definitions that are being read, `done`: those that do not. */
function isRecursive(part: unknown, root: Schema, within: readonly Schema[], done: Set<Schema>): boolean {
  if (Array.isArray(part)) return part.some((one) => isRecursive(one, root, within, done));
  if (!isSchema(part)) return false;
  const meant = referenced(part['$ref'], root);
  if (!meant) return Object.values(part).some((one) => isRecursive(one, root, within, done));
  if (within.includes(meant)) return true;
  if (done.has(meant)) return false;
  const holdsItself = isRecursive(meant, root, [...within, meant], done);
  done.add(meant);
  return holdsItself;
}
