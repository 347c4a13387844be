type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** References inside each other that are followed. */
const DEPTH_MAX = 16;

/** `value` as a decoder bound to `schema` would have written it: nothing unknown, all that is required; `text` where words are missing. */
export function fitted(value: unknown, schema: Schema, text = ''): unknown {
  return fit(value, schema, { root: schema, text, depth: 0 });
}

interface Frame {
  root: Schema;
  text: string;
  depth: number;
}

function fit(value: unknown, schema: Schema, frame: Frame): unknown {
  if (frame.depth > DEPTH_MAX) return null;
  const inner = { ...frame, depth: frame.depth + 1 };
  if (typeof schema['$ref'] === 'string') return fit(value, referred(schema['$ref'], frame.root), inner);
  const variants = Array.isArray(schema['anyOf']) ? schema['anyOf'].filter(isObject) : [];
  if (variants.length > 0) {
    const variant = variants.find((one) => isOfType(value, one)) ?? variants.find(allowsNull) ?? variants[0];
    return variant === undefined ? null : fit(value, variant, inner);
  }
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value) ? value : schema['enum'][0];
  if (!isOfType(value, schema)) return fit(emptyOf(schema, frame.text), schema, inner);
  if (Array.isArray(value)) return isObject(schema['items']) ? fitItems(value, schema['items'], inner) : value;
  return isObject(value) ? fitObject(value, schema, inner) : value;
}

function fitItems(values: readonly unknown[], schema: Schema, frame: Frame): unknown[] {
  return values.map((value) => fit(value, schema, frame));
}

function fitObject(value: Schema, schema: Schema, frame: Frame): unknown {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const known = Object.entries(properties).flatMap(([name, property]) => {
    if (!isObject(property) || (!(name in value) && !required.includes(name))) return [];
    return [[name, fit(value[name], property, frame)] as const];
  });
  const others =
    schema['additionalProperties'] === false ? [] : Object.entries(value).filter(([name]) => !(name in properties));
  return Object.fromEntries([...others, ...known]);
}

function typesOf(schema: Schema): unknown[] {
  const { type } = schema;
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

const allowsNull = (schema: Schema): boolean => typesOf(schema).includes('null');

function isOfType(value: unknown, schema: Schema): boolean {
  if ('const' in schema) return schema['const'] === value;
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value);
  const types = typesOf(schema);
  return types.length === 0 || types.some((type) => isOfOneType(value, type));
}

function isOfOneType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** The least that has the schema's type. */
function emptyOf(schema: Schema, text: string): unknown {
  if (allowsNull(schema)) return null;
  switch (typesOf(schema)[0]) {
    case 'array':
      return [];
    case 'object':
      return {};
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return false;
    case 'string':
      return text || 'unknown';
    default:
      return null;
  }
}

function referred(reference: string, root: Schema): Schema {
  const steps = reference.split('/').slice(1);
  const found = steps.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), root);
  return isObject(found) ? found : {};
}
