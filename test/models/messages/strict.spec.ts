import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelServer } from '../serve.ts';
import { OPTIONAL_PARAMETERS_MAX, STRICT_TOOLS_MAX, UNION_PARAMETERS_MAX } from './check-strict.ts';
import { FIND, parrot, post, QUESTION, startMessages } from './messages.fixture.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startMessages(parrot({ text: '{}' }));
});
afterAll(() => server.close());

const closed = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const tool = (schema: unknown, strict = true) => ({ name: 'find', strict, input_schema: schema });
const messageOf = async (tools: unknown[]) => (await post(server, { ...QUESTION, tools })).error?.message;

const string = { type: 'string' };
const nullable = { anyOf: [string, { type: 'null' }] };
const many = <Value>(count: number, value: Value) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, value]));

describe('the schema of a strict tool', () => {
  it.each([
    ['is open', { type: 'object', properties: { q: string }, required: ['q'] }, 'additionalProperties'],
    ['is open inside', closed({ q: { type: 'object', properties: {} } }), 'additionalProperties'],
    ['is open in a list', closed({ q: { type: 'array', items: { type: 'object' } } }), 'additionalProperties'],
    ['bounds a number below', closed({ n: { type: 'integer', minimum: 1 } }), 'minimum'],
    ['bounds a number above', closed({ n: { type: 'integer', exclusiveMaximum: 1 } }), 'exclusiveMaximum'],
    ['wants multiples', closed({ n: { type: 'number', multipleOf: 2 } }), 'multipleOf'],
    ['bounds a text', closed({ q: { ...string, maxLength: 5 } }), 'maxLength'],
    ['wants a text', closed({ q: { ...string, minLength: 1 } }), 'minLength'],
    ['bounds a list', closed({ q: { type: 'array', items: string, maxItems: 5 } }), 'maxItems'],
    ['wants two elements', closed({ q: { type: 'array', items: string, minItems: 2 } }), 'minItems'],
    ['has a format that nobody knows', closed({ q: { ...string, format: 'base64' } }), 'format'],
    ['chooses exactly one', closed({ q: { oneOf: [string] } }), 'oneOf'],
    ['names properties by a pattern', closed({ q: { ...closed({}), patternProperties: {} } }), 'patternProperties'],
    ['holds itself', { ...closed({ q: { $ref: '#' } }) }, 'Circular'],
    [
      'holds itself by a detour',
      { ...closed({ q: { $ref: '#/$defs/a' } }), $defs: { a: closed({ a: { $ref: '#/$defs/a' } }) } },
      'Circular',
    ],
    ['refers to nothing', closed({ q: { $ref: '#/$defs/a' } }), 'was not found'],
  ])('is refused when it %s, and taken when the tool is not strict', async (_, schema, message) => {
    expect(await messageOf([tool(schema)])).toContain(message);
    expect(await messageOf([tool(schema, false)])).toBeUndefined();
  });

  it('may hold what the subset knows', async () => {
    const schema = {
      ...closed({
        a: { type: 'array', items: { $ref: '#/$defs/one' }, minItems: 1 },
        b: { enum: ['x', 'y'] },
        c: { const: 1 },
        d: { ...string, format: 'date', pattern: '^2' },
        e: nullable,
      }),
      $defs: { one: closed({ z: string }, []) },
    };
    expect(await messageOf([tool(schema)])).toBeUndefined();
  });

  it('is taken as the SDK rewrites it', async () => {
    const schema = transformJSONSchema({
      type: 'object',
      properties: { n: { type: 'integer', minimum: 1 }, q: { type: 'string', maxLength: 5 } },
      required: ['n'],
    });
    expect(await messageOf([tool(schema)])).toBeUndefined();
  });

  it.each([
    ['strict tools', STRICT_TOOLS_MAX, (n: number) => Object.keys(many(n, 0)).map((name) => ({ ...FIND, name }))],
    ['optional parameters', OPTIONAL_PARAMETERS_MAX, (n: number) => [tool(closed(many(n, string), []))]],
    ['parameters of several types', UNION_PARAMETERS_MAX, (n: number) => [tool(closed(many(n, nullable)))]],
    ['types in a list', UNION_PARAMETERS_MAX, (n: number) => [tool(closed(many(n, { type: ['string', 'null'] })))]],
  ])('counts towards the limit of %s', async (_, max, toolsOf) => {
    expect(await messageOf(toolsOf(max))).toBeUndefined();
    expect(await messageOf(toolsOf(max + 1))).toContain(String(max));
  });

  it('that an answer has to fit is of the same subset', async () => {
    const format = (schema: unknown) => ({ output_config: { format: { type: 'json_schema', schema } } });
    const open = await post(server, { ...QUESTION, ...format({ type: 'object' }) });
    expect(open.error?.message).toContain('output_config.format.schema');
    const fitting = await post(server, {
      ...QUESTION,
      tools: undefined,
      tool_choice: undefined,
      ...format(closed({ q: string })),
    });
    expect(fitting.body['content']).toMatchObject([{ type: 'thinking' }, { type: 'text' }].slice(1));
    const [text] = fitting.body['content'] as { text: string }[];
    expect(Object.keys(JSON.parse(text?.text ?? '') as object)).toEqual(['q']);
  });
});
