const PATHS_MAX = 5;
const SIMILARITY_MIN = 0.4;
/** The end of a path tells most, and comparing stays cheap however long paths are. */
const CHARS_COMPARED = 80;

/** Known paths that look like a wrong one, most alike first. */
export function closePaths(wrong: string, known: readonly string[]): string[] {
  const wanted = pairsOf(wrong);
  return known
    .map((path) => ({ path, similarity: similarity(wanted, pairsOf(path)) }))
    .filter((candidate) => candidate.similarity >= SIMILARITY_MIN)
    .toSorted((a, b) => b.similarity - a.similarity || (a.path < b.path ? -1 : 1))
    .slice(0, PATHS_MAX)
    .map(({ path }) => path);
}

/** Sørensen–Dice: 1 for the same pairs of characters, 0 for none in common. */
function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((pair) => b.has(pair)).length;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}

function pairsOf(path: string): ReadonlySet<string> {
  const end = path.toLowerCase().slice(-CHARS_COMPARED);
  const pairs = new Set<string>();
  for (let index = 0; index + 1 < end.length; index += 1) pairs.add(end.slice(index, index + 2));
  return pairs;
}
