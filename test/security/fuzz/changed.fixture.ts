import { encode, type Message } from '@troupe/contract';
import fc from 'fast-check';
import { naughtyStrings } from '../../wire/parsing-suites.fixture.ts';
import { samples } from '../../wire/samples.fixture.ts';

const NAUGHTY = naughtyStrings();
/** Changes that are made of the samples; each is sent more than once, to other places. */
const CHANGES = 3_000;

/** What a field may become. */
const value = fc.oneof(
  fc.constantFrom<unknown>(2, 2 ** 53, 'x', -1, 0.5, 1e308, null, true, [], {}, '', 'x'.repeat(70_000)),
  fc.constantFrom<unknown>('999999999', Number.MAX_SAFE_INTEGER, [[[[]]]], { __proto__: null, constructor: 1 }),
  fc.constantFrom<unknown>(...NAUGHTY),
  fc.jsonValue({ maxDepth: 3 }),
);

type Path = (string | number)[];

function pathsIn(thing: unknown, at: Path = []): Path[] {
  if (typeof thing !== 'object' || thing === null) return [at];
  return [at, ...Object.entries(thing).flatMap(([key, inner]) => pathsIn(inner, [...at, key]))];
}

function put(thing: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(thing)) return thing.map((inner, index) => (String(index) === key ? put(inner, rest, to) : inner));
  if (typeof thing !== 'object' || thing === null) return to;
  return Object.fromEntries(
    Object.entries(thing).map(([name, inner]) => [name, name === key ? put(inner, rest, to) : inner]),
  );
}

/** One sample of each type with one field changed: what is read as a message almost to the end. */
const change = fc.constantFrom(...samples).chain((sample) =>
  fc.record({
    type: fc.constant(sample.type),
    sample: fc.constant(sample),
    path: fc.constantFrom(...pathsIn(sample)),
    value,
  }),
);

interface Change {
  sample: Message;
  path: Path;
  value: unknown;
}

export const changesOf = (seed: number): Change[] => fc.sample(change, { seed, numRuns: CHANGES });

/** The changed message as it would stand on a subject of a run; its own ID agrees unless that is what was changed. */
export function changedMessage({ sample, path, value: to }: Change, subject: string, asJson: boolean): Uint8Array {
  const [, , , tenant = '', run = '', task = '', from = '', , ordinal = ''] = subject.split('.');
  const at = Date.now();
  const changed = put({ ...sample, tenant, run, task, id: `${from}.${task}.${ordinal}`, at }, path, to);
  if (asJson) return Buffer.from(JSON.stringify(changed) ?? '');
  try {
    return encode(changed);
  } catch {
    return Buffer.from(JSON.stringify(changed) ?? '');
  }
}
