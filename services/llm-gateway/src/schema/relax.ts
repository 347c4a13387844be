import { JSON_DEPTH_MAX } from '@troupe/contract';
import { isSchema, keyword, referenced, type Schema } from './json-schema.ts';

/**
 * Arguments as a tool's own schema means them: a strict schema asks for every property and takes null for what is left
 * out, so nulls are dropped where `original` has the property optional and does not allow null. The rest is kept as it
 * is, wrong or not.
 */
export function dropNulls(args: Record<string, unknown>, original: Schema): Record<string, unknown> {
  return withoutNulls(args, [original], original, 0);
}

/** `schemas`: those that the object may be meant by. */
function withoutNulls(
  value: Record<string, unknown>,
  schemas: readonly Schema[],
  root: Schema,
  depth: number,
): Record<string, unknown> {
  const candidates = schemas.filter(({ properties }) => isSchema(properties));
  const [only, ...others] = candidates;
  const schema = candidates.find((one) => describes(one, value, root)) ?? (others.length === 0 ? only : undefined);
  if (!schema) return value;
  const { properties, required } = schema;
  const entries = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const property = isSchema(properties) ? keyword(properties, name) : undefined;
    if (!isSchema(property)) return [[name, member]];
    const isOptional = !Array.isArray(required) || !required.includes(name);
    if (member === null && isOptional && !allowsNull(property, root)) return [];
    return [[name, relaxed(member, property, root, depth + 1)]];
  });
  return Object.fromEntries(entries);
}

function relaxed(value: unknown, schema: Schema, root: Schema, depth: number): unknown {
  if (depth > JSON_DEPTH_MAX || typeof value !== 'object' || value === null) return value;
  const meant = alternatives(schema, root);
  if (isSchema(value)) return withoutNulls(value, meant, root, depth);
  if (!Array.isArray(value)) return value;
  const items = meant.map((one) => one['items']).find(isSchema);
  return items ? value.map((item: unknown) => relaxed(item, items, root, depth + 1)) : value;
}

/** A schema's alternatives, references followed; each once, because definitions may hold themselves and each other. */
function alternatives(schema: Schema, root: Schema, seen = new Set<Schema>()): Schema[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const meant = referenced(keyword(schema, '$ref'), root);
  if (meant) return alternatives(meant, root, seen);
  const branches = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'];
  return Array.isArray(branches)
    ? branches.filter(isSchema).flatMap((branch) => alternatives(branch, root, seen))
    : [schema];
}

/**
 * Whether an object may be meant by this alternative: it has no other keys, and its members have the types and the fixed
 * values that this one asks for. What is inside them is not looked at.
 */
function describes({ properties }: Schema, value: Record<string, unknown>, root: Schema): boolean {
  if (!isSchema(properties)) return false;
  return Object.entries(value).every(([name, member]) => {
    const property = keyword(properties, name);
    return isSchema(property) && (member === null || alternatives(property, root).some((one) => mayBe(one, member)));
  });
}

function mayBe({ const: fixed, enum: choices, type }: Schema, member: unknown): boolean {
  if (fixed !== undefined) return fixed === member;
  if (Array.isArray(choices)) return choices.includes(member);
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return types.some(
    (one) => one === undefined || one === typeOf(member) || (one === 'integer' && Number.isInteger(member)),
  );
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function allowsNull(schema: Schema, root: Schema): boolean {
  return alternatives(schema, root).some(({ type, enum: choices, const: fixed }) => {
    if (Array.isArray(choices)) return choices.includes(null);
    if (fixed !== undefined) return fixed === null;
    return type === undefined || type === 'null' || (Array.isArray(type) && type.includes('null'));
  });
}
