/** A JSON Schema as a tool offers it: an object of keywords, none of them checked yet. */
export type Schema = Readonly<Record<string, unknown>>;

/** Whose subset of JSON Schema: what a vendor takes of a tool that is marked as strict. */
export type Subset = 'anthropic' | 'openai';

/** The formats of strings that both vendors know. `uri` is refused by one of them. */
export const FORMATS: readonly unknown[] = [
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
];

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One keyword of a schema, whatever its name: `constructor` is none unless the schema says so. */
export function keyword(schema: Schema, name: string): unknown {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

/** The schemas under names of a keyword such as `properties`; undefined if it is no such map. */
export function namedSchemas(value: unknown): [string, unknown][] | undefined {
  return isSchema(value) ? Object.entries(value) : undefined;
}

/** Definitions by either of their keywords. */
export function definitionsOf(root: Schema): [string, unknown][] {
  return [...(namedSchemas(root['definitions']) ?? []), ...(namedSchemas(root['$defs']) ?? [])];
}

const POINTER = /^#\/(?:\$defs|definitions)\/([^/]+)$/;

/** The name that a reference to a definition points to; undefined for every other reference. */
export function definitionName(reference: unknown): string | undefined {
  const name = typeof reference === 'string' ? POINTER.exec(reference)?.[1] : undefined;
  return name?.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** What a reference within a schema means; undefined if nothing, or nothing that is understood here. */
export function referenced(reference: unknown, root: Schema): Schema | undefined {
  if (reference === '#') return root;
  const name = definitionName(reference);
  const definition = definitionsOf(root).find(([own]) => own === name)?.[1];
  return isSchema(definition) ? definition : undefined;
}
