import { z } from 'zod';

/** Properties of all objects of one schema, and levels of objects in each other, at most. */
export const STRICT_PROPERTIES_MAX = 5_000;
export const STRICT_LEVELS_MAX = 10;

const KEYWORDS = new Set([
  '$schema',
  '$defs',
  '$ref',
  'definitions',
  'type',
  'title',
  'description',
  'enum',
  'const',
  'anyOf',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'pattern',
  'format',
  'multipleOf',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
]);
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']);

/** Only the keywords that lead on or that are looked at; what else a schema holds stays as it is. */
const Node = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  $ref: z.string().optional(),
  $defs: z.record(z.string(), z.unknown()).optional(),
  definitions: z.record(z.string(), z.unknown()).optional(),
});
type Node = z.infer<typeof Node>;

/** Why a schema is outside the subset that OpenAI's strict tools and formats take; undefined if it is inside. */
export function strictSchemaFault(schema: unknown): string | undefined {
  const root = Node.safeParse(schema);
  if (!root.success) return 'In context=(), schema must be a JSON object.';
  if (root.data.type !== 'object') {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(root.data.type ?? 'None')}"'.`;
  }
  if (root.data.anyOf !== undefined) return "In context=(), 'anyOf' is not permitted.";
  const top = ['$defs', 'definitions'] as const;
  const defined = top.flatMap((keyword) => Object.keys(root.data[keyword] ?? {}).map((name) => `#/${keyword}/${name}`));
  const count: Count = { properties: 0, defined: new Set(['#', ...defined]) };
  const fault = faultIn(schema, [], 0, count);
  if (fault !== undefined) return fault;
  if (count.properties > STRICT_PROPERTIES_MAX) {
    return `Expected at most ${STRICT_PROPERTIES_MAX} object properties in total, got ${count.properties}.`;
  }
  return undefined;
}

interface Count {
  properties: number;
  /** What a `$ref` may point to. */
  defined: ReadonlySet<string>;
}

/** `level` counts objects in objects; the path is written as the services do: `('properties', 'x')`. */
function faultIn(schema: unknown, path: readonly string[], level: number, count: Count): string | undefined {
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')})`;
  const parsed = Node.safeParse(schema);
  if (!parsed.success) return `${context}, schema is not a valid JSON Schema.`;
  const node = parsed.data;
  const own = referenceFault(node, context, count.defined) ?? keywordFault(node, context) ?? objectFault(node, context);
  if (own !== undefined) return own;
  const below = level + (node.properties === undefined ? 0 : 1);
  if (below > STRICT_LEVELS_MAX) return `${context}, schema exceeds ${STRICT_LEVELS_MAX} levels of nesting.`;
  for (const [keyword, name, child] of childrenOf(node)) {
    if (keyword === 'properties') count.properties += 1;
    const fault = faultIn(child, [...path, keyword, name], below, count);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function childrenOf(node: Node): [keyword: string, name: string, child: unknown][] {
  const named = (['properties', '$defs', 'definitions'] as const).flatMap((keyword) =>
    Object.entries(node[keyword] ?? {}).map(([name, child]): [string, string, unknown] => [keyword, name, child]),
  );
  const options = (node.anyOf ?? []).map((child, at): [string, string, unknown] => ['anyOf', `${at}`, child]);
  return [
    ...named,
    ...options,
    ...(node.items === undefined ? [] : [['items', '0', node.items] satisfies [string, string, unknown]]),
  ];
}

function referenceFault(node: Node, context: string, defined: ReadonlySet<string>): string | undefined {
  if (node.$ref === undefined) return undefined;
  const beside = Object.keys(node).filter((key) => key !== '$ref');
  if (beside.length > 0) return `${context}, $ref cannot have keywords {'${beside.join("', '")}'}.`;
  if (defined.has(node.$ref)) return undefined;
  return `${context}, reference can only point to definitions defined at the top level of the schema.`;
}

function keywordFault(node: Node, context: string): string | undefined {
  if (node.$ref !== undefined) return undefined;
  const foreign = Object.keys(node).find((key) => !KEYWORDS.has(key));
  if (foreign !== undefined) return `${context}, '${foreign}' is not permitted.`;
  if (node.format !== undefined && !FORMATS.has(node.format)) {
    return `${context}, '${node.format}' is not a valid format.`;
  }
  const typed = ['type', 'anyOf', 'enum', 'const'].some((key) => node[key] !== undefined);
  return typed ? undefined : `${context}, schema must have a 'type' key.`;
}

function objectFault(node: Node, context: string): string | undefined {
  const types = node.type === undefined ? [] : [node.type].flat();
  if (types.includes('array') && node.items === undefined) return `${context}, array schema missing items.`;
  if (!types.includes('object')) return undefined;
  if (node['additionalProperties'] !== false) {
    return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
  }
  const names = Object.keys(node.properties ?? {});
  const missing = names.find((name) => !(node.required ?? []).includes(name));
  const wanted = `${context}, 'required' is required to be supplied and to be an array including every key in properties.`;
  if (missing !== undefined) return `${wanted} Missing '${missing}'.`;
  const extra = (node.required ?? []).find((name) => !names.includes(name));
  return extra === undefined ? undefined : `${wanted} Extra required key '${extra}' supplied.`;
}
