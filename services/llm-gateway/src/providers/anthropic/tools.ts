import type { Anthropic } from '@anthropic-ai/sdk';
import type { ToolOffer } from '@troupe/contract';
import type { Model } from '../../models/model.ts';
import { strictSchema } from '../../schema/strict.ts';

/** Of all strict tools of one request together: parameters that may be left out, and parameters of several types. */
export const STRICT_OPTIONAL_MAX = 24;
export const STRICT_UNIONS_MAX = 16;

/**
 * Tools as they are offered, as many of them strict as the service allows in one request, from the first one on. Which
 * ones are depends on the tools alone: a prompt whose beginning changes is paid anew.
 */
export function toTools(offers: readonly ToolOffer[], model: Model, without: ReadonlySet<string>): Anthropic.Tool[] {
  const isStrictModel = model.strictSchema === 'anthropic' && !without.has('strict');
  let tools = isStrictModel ? model.strictToolsMax : 0;
  let left: Loose = { optional: STRICT_OPTIONAL_MAX, unions: STRICT_UNIONS_MAX };
  return offers.map(({ name, description, parameters }) => {
    const strict = tools > 0 ? strictSchema(parameters, 'anthropic') : undefined;
    const after = strict && less(left, looseIn(strict));
    if (!after) return { name, description, input_schema: { ...parameters, type: 'object' } };
    left = after;
    tools -= 1;
    return { name, description, input_schema: { ...strict, type: 'object' }, strict: true };
  });
}

interface Loose {
  optional: number;
  unions: number;
}

function less(left: Loose, used: Loose): Loose | undefined {
  const after = { optional: left.optional - used.optional, unions: left.unions - used.unions };
  return after.optional < 0 || after.unions < 0 ? undefined : after;
}

/** Counted wherever a schema may stand, so rather too many than too few. */
function looseIn(schema: unknown): Loose {
  const total: Loose = { optional: 0, unions: 0 };
  if (typeof schema !== 'object' || schema === null) return total;
  if ('anyOf' in schema && Array.isArray(schema.anyOf)) total.unions += 1;
  if ('type' in schema && Array.isArray(schema.type)) total.unions += 1;
  if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null) {
    const required: unknown[] = 'required' in schema && Array.isArray(schema.required) ? schema.required : [];
    total.optional += Object.keys(schema.properties).filter((name) => !required.includes(name)).length;
  }
  for (const part of Object.values(schema)) {
    const inside = looseIn(part);
    total.optional += inside.optional;
    total.unions += inside.unions;
  }
  return total;
}
