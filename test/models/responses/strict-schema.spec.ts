import { describe, expect, it } from 'vitest';
import { STRICT_LEVELS_MAX, STRICT_PROPERTIES_MAX, strictSchemaFault } from './strict-schema.ts';

type Schema = Record<string, unknown>;

const closed = (properties: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const nested = (levels: number): Schema =>
  levels === 1 ? closed({ end: { type: 'string' } }) : closed({ below: nested(levels - 1) });
const wide = (count: number) =>
  closed(Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, { type: 'string' }])));

describe('the schema of a strict tool', () => {
  it.each<[string, Schema]>([
    [
      'all required and closed',
      closed({ query: { type: 'string', description: 'what' }, limit: { type: ['integer', 'null'] } }),
    ],
    ['a choice', closed({ value: { anyOf: [{ type: 'string' }, { type: 'null' }] } })],
    ['a list', closed({ all: { type: 'array', items: closed({ id: { type: 'number' } }), minItems: 1, maxItems: 3 } })],
    [
      'bounds and patterns',
      closed({ id: { type: 'string', pattern: '^a', format: 'uuid' }, n: { type: 'number', minimum: 1, maximum: 2 } }),
    ],
    [
      'a definition that refers to itself',
      closed(
        { first: { $ref: '#/$defs/node' } },
        { $defs: { node: closed({ next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }) } },
      ),
    ],
    [
      'values',
      closed(
        { a: { enum: ['x', 'y'] }, b: { type: 'string', const: 'z' } },
        { $schema: 'https://json-schema.org/draft/2020-12/schema' },
      ),
    ],
    ['nothing', closed({})],
    ['as many levels as there may be', nested(STRICT_LEVELS_MAX)],
    ['as many properties as there may be', wide(STRICT_PROPERTIES_MAX)],
  ])('may hold %s', (_what, schema) => {
    expect(strictSchemaFault(schema)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['no object', { type: 'string' }, 'must be a JSON Schema of \'type: "object"\''],
    ['nothing at all', null, 'must be a JSON object'],
    ['a choice at its root', closed({}, { anyOf: [] }), "'anyOf' is not permitted"],
    ['an open object', closed({}, { additionalProperties: true }), "'additionalProperties' is required"],
    [
      'an object that does not say',
      closed({ a: { type: 'object', properties: {}, required: [] } }),
      "In context=('properties', 'a'), 'additionalProperties'",
    ],
    [
      'an open object in a list',
      closed({ a: { type: 'array', items: { type: 'object' } } }),
      "('properties', 'a', 'items', '0')",
    ],
    ['an open object in a choice', closed({ a: { anyOf: [{ type: 'object' }] } }), "('properties', 'a', 'anyOf', '0')"],
    ['an open object in a definition', closed({}, { $defs: { d: { type: 'object' } } }), "('$defs', 'd')"],
    ['a map', closed({ a: { type: 'object', additionalProperties: { type: 'string' } } }), "'additionalProperties'"],
    ['an optional property', closed({ a: { type: 'string' } }, { required: [] }), "Missing 'a'."],
    ['a required property that is not there', closed({}, { required: ['a'] }), "Extra required key 'a'"],
    ['a list of anything', closed({ a: { type: 'array' } }), 'array schema missing items'],
    ['a property without a type', closed({ a: { description: 'what' } }), "must have a 'type' key"],
    ['a format that is not known', closed({ a: { type: 'string', format: 'uri' } }), "'uri' is not a valid format"],
    [
      'a description beside a reference',
      closed({ a: { $ref: '#', description: 'x' } }),
      "$ref cannot have keywords {'description'}",
    ],
    ['a reference to nothing', closed({ a: { $ref: '#/$defs/b' } }), 'reference can only point to definitions'],
    ...[
      'oneOf',
      'allOf',
      'not',
      'if',
      'then',
      'else',
      'dependentRequired',
      'dependentSchemas',
      'uniqueItems',
      'patternProperties',
      'prefixItems',
      'minProperties',
      'maxProperties',
      'propertyNames',
      'contains',
      'minLength',
      'maxLength',
      'default',
    ].map((keyword): [string, unknown, string] => [
      keyword,
      closed({ a: { type: 'string', [keyword]: 1 } }),
      `'${keyword}' is not permitted`,
    ]),
    ['a level too many', nested(STRICT_LEVELS_MAX + 1), 'levels of nesting'],
    ['a property too many', wide(STRICT_PROPERTIES_MAX + 1), `got ${STRICT_PROPERTIES_MAX + 1}`],
  ])('may not hold %s', (_what, schema, fault) => {
    expect(strictSchemaFault(schema)).toContain(fault);
  });
});
