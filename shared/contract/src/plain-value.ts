import { NESTING_MAX, NODES_MAX } from './limits.ts';

/** How deep a value may be and how many parts it may have: its objects, arrays, keys and single values. */
export interface ValueBounds {
  nestingMax: number;
  nodesMax: number;
}

const OF_A_MESSAGE: ValueBounds = { nestingMax: NESTING_MAX, nodesMax: NODES_MAX };

/**
 * What keeps a parsed JSON value out of a message: undefined if nothing does. The same rules as for msgpack, see
 * `msgpack-scan.ts`. Without recursion, and it ends at the bounds: JSON.parse reads what would overflow whoever walks it.
 */
export function faultInValue(value: unknown, { nestingMax, nodesMax }: ValueBounds = OF_A_MESSAGE): string | undefined {
  let nodes = 0;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: unknown[] = [];
    for (const item of level) {
      nodes += 1;
      const fault = isParent(item) ? faultInKeys(item) : faultInScalar(item);
      if (fault !== undefined) return fault;
      if (!isParent(item)) continue;
      if (depth === nestingMax) return `it is nested more than ${nestingMax} levels deep`;
      const parts = Object.values(item);
      if (!Array.isArray(item)) nodes += parts.length;
      if (nodes + below.length + parts.length > nodesMax) return `it has more than ${nodesMax} parts`;
      for (const part of parts) below.push(part);
    }
    level = below;
  }
  return undefined;
}

const isParent = (value: unknown): value is object => typeof value === 'object' && value !== null;

function faultInKeys(parent: object): string | undefined {
  return Array.isArray(parent)
    ? undefined
    : Object.keys(parent)
        .map(faultInKey)
        .find((fault) => fault !== undefined);
}

function faultInKey(key: string): string | undefined {
  if (key === '__proto__') return 'a key is "__proto__"';
  return key.isWellFormed() ? undefined : 'a key is not a text: it holds half a surrogate pair';
}

function faultInScalar(value: unknown): string | undefined {
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : 'a text holds half a surrogate pair, which is no character';
  // JSON.parse reads 1e999 as infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number is not finite';
  return value === null || typeof value === 'boolean' ? undefined : `a ${typeof value} is no value of JSON`;
}
