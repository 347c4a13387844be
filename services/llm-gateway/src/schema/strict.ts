import { violations } from './conforms.ts';
import {
  definitionName,
  definitionsOf,
  FORMATS,
  isSchema,
  keyword,
  namedSchemas,
  type Schema,
  type Subset,
} from './json-schema.ts';
import { notesOf, takenPattern } from './notes.ts';

/** Keywords whose meaning no strict schema can carry. */
const INEXPRESSIBLE = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'prefixItems',
  'additionalItems',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedItems',
  'unevaluatedProperties',
  '$dynamicRef',
];

/** Each of them says all by itself; two of them together would have to be merged. */
const WHOLE = ['$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'];

/**
 * A tool's parameters in a vendor's strict subset: objects are closed, all properties required, the optional ones null
 * when left out (see `dropNulls`), unions are `anyOf`, and sizes, ranges and other formats stand in the descriptions.
 * Whatever is valid under `parameters` can be said; more than that can be too, so that arguments are checked as before.
 * Undefined if it cannot be expressed (objects with any keys, tuples, recursion with Anthropic), or if the result does
 * not pass the check of the subset.
 */
export function strictSchema(parameters: Schema, subset: Subset): Record<string, unknown> | undefined {
  const ofSubset = known[subset];
  const before = ofSubset.get(parameters);
  if (before !== undefined) return before.strict;
  const strict = made(parameters, subset);
  ofSubset.set(parameters, { strict });
  return strict;
}

/** The same few tools are offered with each question, as the same objects: made anew they would be a tenth of a call. */
const known: Readonly<Record<Subset, WeakMap<Schema, { strict: Record<string, unknown> | undefined }>>> = {
  anthropic: new WeakMap(),
  openai: new WeakMap(),
};

function made(parameters: Schema, subset: Subset): Record<string, unknown> | undefined {
  const root = rewritten(parameters, subset);
  const definitions = allOf(definitionsOf(parameters), ([name, definition]) => {
    const own = rewritten(definition, subset);
    return own && ([name, own] as const);
  });
  if (!root || !definitions) return undefined;
  const strict = definitions.length === 0 ? root : { ...root, $defs: Object.fromEntries(definitions) };
  return violations(strict, subset).length === 0 ? strict : undefined;
}

/** All results, or undefined if there is one that is not to be had. */
function allOf<Item, Result>(items: readonly Item[], make: (item: Item) => Result | undefined): Result[] | undefined {
  const results: Result[] = [];
  for (const item of items) {
    const result = make(item);
    if (result === undefined) return undefined;
    results.push(result);
  }
  return results;
}

function rewritten(schema: unknown, subset: Subset, isOptional = false): Schema | undefined {
  if (!isSchema(schema) || INEXPRESSIBLE.some((name) => Object.hasOwn(schema, name))) return undefined;
  const shape = shapeOf(schema, subset);
  if (!shape) return undefined;
  const { description } = schema;
  const notes = notesOf(schema, subset, isOptional);
  const words = [
    ...(typeof description === 'string' && description !== '' ? [description] : []),
    ...(notes.length > 0 ? [`(${notes.join('; ')})`] : []),
  ].join(' ');
  const own = isOptional ? orNull(shape) : shape;
  if (words === '') return own;
  // A reference may have nothing beside it.
  return { ...(Object.hasOwn(own, '$ref') ? { anyOf: [own] } : own), description: words };
}

/** A schema without its description. */
function shapeOf(schema: Schema, subset: Subset): Schema | undefined {
  const whole = WHOLE.filter((name) => Object.hasOwn(schema, name));
  const [kind] = whole;
  if (kind === undefined) return typedShape(schema, subset);
  if (whole.length > 1 || Object.hasOwn(schema, 'properties') || Object.hasOwn(schema, 'items')) return undefined;
  const value = schema[kind];
  switch (kind) {
    case '$ref': {
      const name = definitionName(value);
      return { $ref: name === undefined ? value : `#/$defs/${name}` };
    }
    case 'enum':
      return Array.isArray(value) ? choiceOf(value) : undefined;
    case 'const':
      return choiceOf([value]);
    case 'allOf':
      // One alone is what it is.
      return Array.isArray(value) && value.length === 1 ? rewritten(value[0], subset) : undefined;
    default:
      return Array.isArray(value) ? anyOf(allOf(value, (branch: unknown) => rewritten(branch, subset))) : undefined;
  }
}

function typedShape(schema: Schema, subset: Subset): Schema | undefined {
  const { type } = schema;
  if (Array.isArray(type)) {
    const types = [...new Set<unknown>(type)];
    return anyOf(
      allOf(types, (one) => (Array.isArray(one) ? undefined : typedShape({ ...schema, type: one }, subset))),
    );
  }
  switch (type) {
    case 'object':
      return objectShape(schema, subset);
    case 'array': {
      const items = rewritten(schema['items'], subset);
      return items && { type, items };
    }
    case 'string': {
      const pattern = takenPattern(schema, subset);
      const { format } = schema;
      return { type, ...(FORMATS.includes(format) && { format }), ...(pattern !== undefined && { pattern }) };
    }
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return { type };
    default:
      return undefined;
  }
}

/** Keys that nobody has named are refused: an object that is open on purpose cannot be expressed. */
function objectShape(schema: Schema, subset: Subset): Schema | undefined {
  const { required = [], additionalProperties = false } = schema;
  const named = namedSchemas(
    keyword(schema, 'properties') ?? (schema['additionalProperties'] === false ? {} : undefined),
  );
  if (!named || additionalProperties !== false || !Array.isArray(required)) return undefined;
  const names = named.map(([name]) => name);
  const known: readonly unknown[] = names;
  if (!required.every((name: unknown) => known.includes(name))) return undefined;
  const properties = allOf(named, ([name, property]) => {
    const own = rewritten(property, subset, !required.includes(name));
    return own && ([name, own] as const);
  });
  return (
    properties && {
      type: 'object',
      properties: Object.fromEntries(properties),
      required: names,
      additionalProperties: false,
    }
  );
}

const TYPES_OF_CHOICES = ['string', 'number', 'boolean'] as const;

/** Single values to choose from, each kind with its type, as one of the vendors insists. */
function choiceOf(values: readonly unknown[]): Schema | undefined {
  const groups = TYPES_OF_CHOICES.flatMap((type): Schema[] => {
    const own = values.filter((value) => typeof value === type);
    return own.length > 0 ? [{ type, enum: own }] : [];
  });
  const isOdd = values.some((value) => value !== null && !TYPES_OF_CHOICES.some((type) => typeof value === type));
  return isOdd ? undefined : anyOf([...groups, ...(values.includes(null) ? [{ type: 'null' }] : [])]);
}

/** One of several; what has no description of its own is laid open, so that null stands there once. */
function anyOf(branches: readonly Schema[] | undefined): Schema | undefined {
  const flat = (branches ?? []).flatMap((branch): unknown[] =>
    Array.isArray(branch['anyOf']) && branch['description'] === undefined ? branch['anyOf'] : [branch],
  );
  const schemas = flat.filter(isSchema);
  const distinct = schemas.filter((branch, index) => !isNull(branch) || schemas.findIndex(isNull) === index);
  const [only] = distinct;
  return distinct.length > 1 ? { anyOf: distinct } : only;
}

function orNull(shape: Schema): Schema {
  return isNull(shape) ? shape : (anyOf([shape, { type: 'null' }]) ?? shape);
}

function isNull({ type }: Schema): boolean {
  return type === 'null';
}
