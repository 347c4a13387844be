import { describe, expect, it } from 'vitest';
import { LEVELS_MAX, PROPERTIES_MAX, UNIONS_MAX, violations } from './conforms.ts';
import type { Schema, Subset } from './json-schema.ts';

const SUBSETS: Subset[] = ['anthropic', 'openai'];
const text = { type: 'string' };
const orNull = { anyOf: [text, { type: 'null' }] };

const closed = (properties: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const many = (count: number, schema: unknown) =>
  closed(Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, schema])));
const nested = (levels: number): Schema =>
  levels === 1 ? closed({ end: text }) : closed({ below: nested(levels - 1) });

describe('the subset of strict tools', () => {
  it.each<[string, Schema]>([
    ['nothing', closed({})],
    [
      'every type, described',
      closed({ a: text, b: { type: 'integer' }, c: { type: 'array', items: { type: 'boolean' }, description: 'x' } }),
    ],
    [
      'choices and formats',
      closed({
        a: { type: 'string', enum: ['x'] },
        b: { type: 'integer', enum: [1] },
        c: { type: 'string', format: 'uuid' },
      }),
    ],
    ['unions', closed({ a: { ...orNull, description: 'x' } })],
    ['definitions', closed({ a: { $ref: '#/$defs/x' } }, { $defs: { x: closed({ b: text }) } })],
    ['as many levels as there may be', nested(LEVELS_MAX)],
    ['as many properties as there may be', many(PROPERTIES_MAX, text)],
    ['as many unions as there may be', many(UNIONS_MAX, orNull)],
  ])('holds %s', (_what, schema) => {
    for (const subset of SUBSETS) expect(violations(schema, subset)).toEqual([]);
  });

  it.each<[string, Schema, string]>([
    ['anything but an object', { type: 'string' }, '#: must be an object'],
    ['a union at its root', { anyOf: [closed({})] }, '#: must be an object'],
    ['an open object', { ...closed({}), additionalProperties: true }, '#: must be closed'],
    [
      'an object that does not say',
      closed({ a: { type: 'object', properties: {}, required: [] } }),
      '#/properties/a: must be closed',
    ],
    [
      'an object without properties',
      closed({ a: { type: 'object', additionalProperties: false } }),
      '#/properties/a: must name its properties',
    ],
    ['an optional property', closed({ a: text }, { required: [] }), '#: must require all its properties'],
    ['a required property that is not there', closed({}, { required: ['a'] }), '#: must require all its properties'],
    ['a list of anything', closed({ a: { type: 'array' } }), '#/properties/a/items: must be a schema'],
    ['anything at all', closed({ a: true, b: {} }), '#/properties/a: must be a schema'],
    ['several types', closed({ a: { type: ['string', 'null'] } }), '#/properties/a: must have one known type'],
    [
      'a type that every object has by another name',
      closed({ a: { type: 'constructor' } }),
      'must have one known type',
    ],
    ['a format that one of them refuses', closed({ a: { type: 'string', format: 'uri' } }), 'format is not known'],
    ['values of another type', closed({ a: { type: 'string', enum: ['x', 1] } }), 'enum must hold values of the type'],
    ['no values', closed({ a: { type: 'string', enum: [] } }), 'enum must hold values of the type'],
    ['an empty union', closed({ a: { anyOf: [] } }), 'anyOf must hold schemas'],
    [
      'a union with something beside it',
      closed({ a: { ...orNull, type: 'string' } }),
      'type must not stand beside anyOf',
    ],
    [
      'a reference with something beside it',
      closed({ a: { $ref: '#/$defs/x', description: 'x' } }, { $defs: { x: text } }),
      'must have nothing beside $ref',
    ],
    ['a reference to nothing', closed({ a: { $ref: '#/$defs/x' } }), '$ref must point to a definition'],
    [
      'a reference to a document elsewhere',
      closed({ a: { $ref: 'https://x.example/y' } }),
      '$ref must point to a definition',
    ],
    [
      'a definition outside the subset',
      closed({}, { $defs: { x: { type: 'array' } } }),
      '#/$defs/x/items: must be a schema',
    ],
    ['a level too many', nested(LEVELS_MAX + 1), `is deeper than ${LEVELS_MAX} levels`],
    ['a property too many', many(PROPERTIES_MAX + 1, text), `#: has more than ${PROPERTIES_MAX} properties`],
    ...['minLength', 'maxLength', 'default', 'minimum', 'contentEncoding'].map((name): [string, Schema, string] => [
      name,
      closed({ a: { type: 'string', [name]: 1 } }),
      `${name} is not taken`,
    ]),
    ...['minItems', 'maxItems', 'uniqueItems', 'prefixItems'].map((name): [string, Schema, string] => [
      name,
      closed({ a: { type: 'array', items: text, [name]: 1 } }),
      `${name} is not taken`,
    ]),
    ...['oneOf', 'allOf', 'not', 'if', 'patternProperties', 'minProperties'].map((name): [string, Schema, string] => [
      name,
      closed({ a: closed({}, { [name]: [] }) }),
      `${name} is not taken`,
    ]),
  ])('does not hold %s', (_what, schema, violation) => {
    for (const subset of SUBSETS) expect(violations(schema, subset).join('\n')).toContain(violation);
  });

  const recursions: [string, Schema][] = [
    ['its root', closed({ a: { anyOf: [{ $ref: '#' }, { type: 'null' }] } })],
    [
      'a definition',
      closed({ a: { $ref: '#/$defs/x' } }, { $defs: { x: closed({ b: { anyOf: [{ $ref: '#/$defs/x' }, text] } }) } }),
    ],
    [
      'two definitions',
      closed(
        {},
        {
          $defs: {
            x: closed({ b: { $ref: '#/$defs/y' } }),
            y: closed({ b: { anyOf: [{ $ref: '#/$defs/x' }, text] } }),
          },
        },
      ),
    ],
  ];
  it.each(recursions)('holds recursion by %s with OpenAI alone', (_what, schema) => {
    expect(violations(schema, 'openai')).toEqual([]);
    expect(violations(schema, 'anthropic')).toEqual(['#: must not be recursive']);
  });

  it('has no pattern and only so many unions with Anthropic', () => {
    const pattern = closed({ a: { type: 'string', pattern: '^a$' } });
    expect(violations(pattern, 'openai')).toEqual([]);
    expect(violations(pattern, 'anthropic')).toEqual(['#/properties/a: pattern is not taken']);
    expect(violations(many(UNIONS_MAX + 1, orNull), 'openai')).toEqual([]);
    expect(violations(many(UNIONS_MAX + 1, orNull), 'anthropic')).toEqual([`#: has more than ${UNIONS_MAX} unions`]);
  });

  it('is checked in time although definitions lead to each other on very many ways', () => {
    const definitions = Array.from({ length: 60 }, (_, index) => {
      const next = { $ref: `#/$defs/d${index + 1}` };
      return [`d${index}`, closed(index === 59 ? {} : { a: next, b: next })] as const;
    });
    const schema = closed({ a: { $ref: '#/$defs/d0' } }, { $defs: Object.fromEntries(definitions) });
    expect(violations(schema, 'anthropic')).toEqual([]);
  });
});
