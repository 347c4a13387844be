import type { Evidence, Turn } from '@troupe/contract';
import { z } from 'zod';

const Line = z.int().positive();
const Range = z.object({ startLine: Line, endLine: Line });
const WirePassage = z.object({
  path: z.string().min(1),
  startLine: Line,
  endLine: Line.optional(),
  text: z.string().optional(),
  lines: z.array(z.union([z.string(), z.object({ text: z.string() })])).optional(),
  /** Where a document was read, the ranges of it that may be cited. */
  passages: z.array(Range).optional(),
});
const SearchResult = z.object({ results: z.array(z.unknown()) });

/**
 * The passages in the results of tools, in the order in which they came, each once. Reads what a search returns
 * (`{ results: [passage] }`) and what reading a document returns (its text, lines numbered or not, and the passages in
 * it); anything else in a result is passed over.
 */
export function returnedPassages(turns: readonly Turn[]): Evidence[] {
  const passages = new Map<string, Evidence>();
  for (const turn of turns) {
    if (turn.role !== 'tool' || turn.failed) continue;
    for (const passage of passagesIn(turn.text)) {
      const key = `${passage.path}:${passage.startLine}-${passage.endLine}`;
      if (!passages.has(key)) passages.set(key, passage);
    }
  }
  return [...passages.values()];
}

function passagesIn(text: string): Evidence[] {
  const value = parseJson(text);
  const search = SearchResult.safeParse(value);
  const candidates = search.success ? search.data.results : [value];
  return candidates.flatMap(toPassages);
}

function toPassages(candidate: unknown): Evidence[] {
  const parsed = WirePassage.safeParse(candidate);
  if (!parsed.success) return [];
  const { path, startLine, endLine, text, lines: listed, passages } = parsed.data;
  const given = listed?.map((line) => (typeof line === 'string' ? line : line.text)) ?? text?.split('\n');
  if (!given) return [];
  const lines = withoutNumbers(given, startLine);
  const whole = { startLine, endLine: endLine ?? startLine + lines.length - 1 };
  return (passages ?? [whole])
    .filter((range) => range.endLine >= range.startLine && range.startLine >= startLine)
    .map((range) => {
      const within = lines.slice(range.startLine - startLine, range.endLine - startLine + 1);
      return { path, startLine: range.startLine, endLine: range.endLine, text: within.join('\n') };
    });
}

/** Lines like "12: …", if every one carries its own number, without the numbers. */
function withoutNumbers(lines: readonly string[], startLine: number): readonly string[] {
  const numbered = lines.every((line, index) => line.startsWith(`${startLine + index}:`));
  return numbered ? lines.map((line, index) => line.slice(`${startLine + index}:`.length).replace(/^ /, '')) : lines;
}

/** The JSON value in a text, which may have words around it; undefined if there is none. */
export function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  const inner = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  try {
    return JSON.parse(inner);
  } catch {
    return undefined;
  }
}
