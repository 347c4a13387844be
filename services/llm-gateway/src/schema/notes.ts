import { FORMATS, type Schema, type Subset } from './json-schema.ts';

/** A longer pattern tells a reader nothing. */
const PATTERN_CHARS_MAX = 120;

/** Look-around, back references, word boundaries and classes by property: not every engine knows them. */
const UNUSUAL = /\(\?|\\[bBkpP1-9]/;

/** The pattern that a strict schema may hold: OpenAI's alone, and none where the format says it already. */
export function takenPattern(schema: Schema, subset: Subset): string | undefined {
  const { pattern, format } = schema;
  const isTaken =
    subset === 'openai' && typeof pattern === 'string' && !UNUSUAL.test(pattern) && !FORMATS.includes(format);
  return isTaken ? pattern : undefined;
}

/**
 * What a strict schema cannot say, in words for the description, so that the model learns of it all the same: sizes,
 * ranges, formats and patterns that the vendor refuses, and what null stands for where a value may be left out.
 */
export function notesOf(schema: Schema, subset: Subset, isOptional: boolean): string[] {
  const { pattern, format, multipleOf } = schema;
  return [
    ...sized(schema['minLength'], schema['maxLength'], 'characters'),
    ...sized(schema['minItems'], schema['maxItems'], 'items'),
    ...ranged(schema),
    ...(typeof multipleOf === 'number' ? [`a multiple of ${multipleOf}`] : []),
    ...(schema['uniqueItems'] === true ? ['no item twice'] : []),
    ...(typeof format === 'string' && !FORMATS.includes(format) ? [`format ${format}`] : []),
    ...(isWorthSaying(pattern) && !FORMATS.includes(format) && takenPattern(schema, subset) === undefined
      ? [`matches ${pattern}`]
      : []),
    ...(isOptional ? [`null: ${nullMeans(schema['default'])}`] : []),
  ];
}

function isWorthSaying(pattern: unknown): pattern is string {
  return typeof pattern === 'string' && pattern.length <= PATTERN_CHARS_MAX;
}

function nullMeans(fallback: unknown): string {
  return fallback === undefined || fallback === null ? 'left out' : JSON.stringify(fallback);
}

function sized(min: unknown, max: unknown, of: string): string[] {
  const atLeast = typeof min === 'number' && min > 0 ? min : undefined;
  const atMost = typeof max === 'number' ? max : undefined;
  if (atLeast !== undefined && atMost !== undefined) return [`${atLeast} to ${atMost} ${of}`];
  if (atLeast !== undefined) return [`at least ${atLeast} ${of}`];
  return atMost === undefined ? [] : [`at most ${atMost} ${of}`];
}

/** zod bounds every integer by what a double holds exactly, which no reader needs to be told. */
function ranged({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string[] {
  const bounds: [unknown, string][] = [
    [minimum, 'at least'],
    [exclusiveMinimum, 'more than'],
    [maximum, 'at most'],
    [exclusiveMaximum, 'less than'],
  ];
  return bounds.flatMap(([bound, words]) =>
    typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? [`${words} ${bound}`] : [],
  );
}
