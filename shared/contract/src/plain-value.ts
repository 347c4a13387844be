import { NESTING_MAX, NODES_MAX } from './limits.ts';

/** How deep a value may be and how many parts it may have: its objects, arrays, keys and single values. */
export interface ValueBounds {
  nestingMax: number;
  nodesMax: number;
}

const OF_A_MESSAGE: ValueBounds = { nestingMax: NESTING_MAX, nodesMax: NODES_MAX };

/**
 * What keeps a parsed JSON value out of a message: undefined if nothing does. The same rules as for msgpack, see
 * `msgpack-scan.ts`. It goes no deeper than the bounds: JSON.parse reads what would overflow whoever walks it.
 */
export function faultInValue(value: unknown, bounds: ValueBounds = OF_A_MESSAGE): string | undefined {
  return faultWithin(value, { ...bounds, nodes: 1 }, 0);
}

function faultWithin(value: unknown, walk: ValueBounds & { nodes: number }, depth: number): string | undefined {
  if (!isParent(value)) return faultInScalar(value);
  if (depth === walk.nestingMax) return `it is nested more than ${walk.nestingMax} levels deep`;
  if (Array.isArray(value)) {
    walk.nodes += value.length;
    if (walk.nodes > walk.nodesMax) return tooMany(walk);
    for (const element of value) {
      const fault = faultWithin(element, walk, depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  for (const [key, member] of Object.entries(value)) {
    // A key is a part, and so is what it stands for.
    walk.nodes += 2;
    if (walk.nodes > walk.nodesMax) return tooMany(walk);
    const fault = faultInKey(key) ?? faultWithin(member, walk, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const tooMany = ({ nodesMax }: ValueBounds): string => `it has more than ${nodesMax} parts`;

const isParent = (value: unknown): value is object => typeof value === 'object' && value !== null;

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
