import { z } from 'zod';

/** The parts of a JSON Schema that can be filled without understanding it. */
const Schema = z.object({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  maxLength: z.int().optional(),
  minItems: z.int().optional(),
  minimum: z.number().optional(),
  pattern: z.string().optional(),
});

const DEPTH_MAX = 3;

/**
 * An object for an object schema: required texts are `text` (cut to their length), required numbers their minimum or 0,
 * lists empty; what is optional is left out. Undefined if something required cannot be filled that way.
 */
export function filledObject(schema: unknown, text: string, depthMax = DEPTH_MAX): Record<string, unknown> | undefined {
  const parsed = Schema.safeParse(schema);
  if (!parsed.success || parsed.data.type !== 'object' || depthMax === 0) return undefined;
  const filled: Record<string, unknown> = {};
  for (const name of parsed.data.required ?? []) {
    const value = filledValue(parsed.data.properties?.[name], text, depthMax);
    if (value === undefined) return undefined;
    filled[name] = value;
  }
  return filled;
}

function filledValue(schema: unknown, text: string, depthMax: number): unknown {
  const parsed = Schema.safeParse(schema);
  if (!parsed.success) return undefined;
  const { type, enum: choices, maxLength, minItems = 0, minimum = 0, pattern } = parsed.data;
  if (parsed.data.const !== undefined) return parsed.data.const;
  if (choices) return choices[0];
  switch (type) {
    case 'string':
      return pattern === undefined && text !== '' ? text.slice(0, maxLength) : undefined;
    case 'integer':
    case 'number':
      return minimum;
    case 'boolean':
      return false;
    case 'array':
      return minItems === 0 ? [] : undefined;
    case 'object':
      return filledObject(schema, text, depthMax - 1);
    case undefined:
    default:
      return undefined;
  }
}
