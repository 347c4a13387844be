import { ToolOffer } from '@troupe/contract';
import { describe, expect, test } from 'vitest';
import { parseArguments, toolOffer } from './tool-spec.ts';
import { toolSpecs } from './tool-specs.ts';

const specs = Object.values(toolSpecs);

/** Every schema inside a JSON Schema, itself included. */
function schemasIn(schema: unknown): Record<string, unknown>[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return [schema as Record<string, unknown>, ...Object.values(schema).flatMap(schemasIn)];
}

function boundsOf(type: unknown): string[] {
  if (type === 'string') return ['maxLength'];
  if (type === 'array') return ['maxItems'];
  return type === 'integer' || type === 'number' ? ['minimum', 'maximum'] : [];
}

describe('the registry', () => {
  test('given every tool, then its key is its name and it has a description and a bound on its time', () => {
    expect(Object.keys(toolSpecs)).toEqual(['search_documents', 'read_document', 'calculate', 'append_note']);
    for (const [name, spec] of Object.entries(toolSpecs)) {
      expect(spec.name).toBe(name);
      expect(spec.description.length).toBeGreaterThan(50);
      expect(spec.timeoutMs).toBeLessThanOrEqual(60_000);
    }
  });

  test('given names that every object has, then they are no tools', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expect(toolSpecs[name]).toBeUndefined();
  });
});

describe('the offer to a model', () => {
  test.each(specs)('given $name, then it is a strict object schema with a bound on everything in it', (spec) => {
    const offer = toolOffer(spec);
    expect(ToolOffer.parse(offer)).toEqual(offer);
    expect(offer.parameters).toMatchObject({ type: 'object', additionalProperties: false });
    expect(offer.parameters).not.toHaveProperty('$schema');
    const schemas = schemasIn(offer.parameters);
    const unbounded = schemas.filter((schema) =>
      boundsOf(schema['type']).some((bound) => typeof schema[bound] !== 'number'),
    );
    expect(unbounded).toEqual([]);
    expect(schemas.length).toBeGreaterThan(1);
    expect(JSON.parse(JSON.stringify(offer))).toEqual(offer);
  });

  test('given an argument with a default, then the model may leave it out', () => {
    const search = toolSpecs['search_documents'];
    expect(search && toolOffer(search).parameters['required']).toEqual(['query']);
  });
});

describe('arguments', () => {
  test('given good ones, then they come back with defaults filled in', () => {
    const search = toolSpecs['search_documents'];
    expect(search && parseArguments(search, { query: 'x' })).toEqual({ ok: true, args: { query: 'x', limit: 6 } });
  });

  test('given bad ones, then the message names what is wrong, within its bound', () => {
    const search = toolSpecs['search_documents'];
    const parsed = search && parseArguments(search, { query: 7, limit: 99, ['x'.repeat(5_000)]: 1 });
    expect(parsed).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^search_documents: query: .*; limit: /),
    });
    expect(parsed?.ok === false && parsed.message.length).toBeLessThanOrEqual(600);
  });
});
