export interface JsonBounds {
  /** Of all texts and keys together, as they are in memory, not as JSON escapes them. */
  charsMax: number;
  /** Objects, arrays and leaves together. */
  nodesMax: number;
  depthMax: number;
}

export interface JsonSize {
  chars: number;
  nodes: number;
}

/**
 * The size of a JSON value, or undefined if it is none or is over a bound. Stops at the first bound that it meets: a
 * value that holds itself, or the same part a million times, costs no more than `nodesMax` steps.
 */
export function jsonSize(value: unknown, bounds: JsonBounds): JsonSize | undefined {
  const size: JsonSize = { chars: 0, nodes: 0 };
  return isWithin(value, bounds, size, 0) ? size : undefined;
}

function isWithin(value: unknown, bounds: JsonBounds, size: JsonSize, depth: number): boolean {
  size.nodes += 1;
  if (size.nodes > bounds.nodesMax || depth > bounds.depthMax) return false;
  switch (typeof value) {
    case 'string':
      return count(value, bounds, size);
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
      return true;
    case 'object':
      if (value === null) return true;
      return Array.isArray(value)
        ? isListWithin(value, bounds, size, depth)
        : isPlainObject(value) && isObjectWithin(value, bounds, size, depth);
    default:
      return false;
  }
}

function isListWithin(list: readonly unknown[], bounds: JsonBounds, size: JsonSize, depth: number): boolean {
  for (const element of list) if (!isWithin(element, bounds, size, depth + 1)) return false;
  return true;
}

function isObjectWithin(value: object, bounds: JsonBounds, size: JsonSize, depth: number): boolean {
  for (const [key, member] of Object.entries(value))
    if (!count(key, bounds, size) || !isWithin(member, bounds, size, depth + 1)) return false;
  return true;
}

function count(text: string, bounds: JsonBounds, size: JsonSize): boolean {
  size.chars += text.length;
  return size.chars <= bounds.charsMax;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
