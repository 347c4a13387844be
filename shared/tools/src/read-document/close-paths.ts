import type { Pace } from '../pace.ts';

const PATHS_MAX = 5;
const SIMILARITY_MIN = 0.4;
/** The end of a path tells most, and comparing stays cheap however long paths are. */
const CHARS_COMPARED = 80;
const PATHS_PER_LOOK = 100;

/** Known paths that look like a wrong one, most alike first. */
export async function closePaths(wrong: string, known: Iterable<string>, pace: Pace): Promise<string[]> {
  const wanted = pairsOf(wrong);
  const close: { path: string; similarity: number }[] = [];
  let looked = 0;
  await pace.rest();
  for (const path of known) {
    const likeness = similarity(wanted, pairsOf(path));
    if (likeness >= SIMILARITY_MIN) close.push({ path, similarity: likeness });
    looked += 1;
    if (looked % PATHS_PER_LOOK === 0 && pace.isOver) await pace.rest();
  }
  return close
    .toSorted((a, b) => b.similarity - a.similarity || (a.path < b.path ? -1 : 1))
    .slice(0, PATHS_MAX)
    .map(({ path }) => path);
}

/** Sørensen–Dice: 1 for the same pairs of characters, 0 for none in common. */
function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}

function pairsOf(path: string): ReadonlySet<string> {
  const end = path.toLowerCase().slice(-CHARS_COMPARED);
  const pairs = new Set<string>();
  for (let index = 0; index + 1 < end.length; index += 1) pairs.add(end.slice(index, index + 2));
  return pairs;
}
