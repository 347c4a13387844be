import { isWeak } from './terms.ts';

/** What is asked for: stems and how much each matters. */
export type Query = ReadonlyMap<string, number>;

/** A text to rank, by its stems; `context` has the stems of what stands around it, which count for less. */
export interface Rankable<T> {
  item: T;
  stems: readonly string[];
  context: ReadonlySet<string>;
}

export interface Ranked<T> {
  item: T;
  /** BM25 of the item, comparable within one ranking. */
  score: number;
  /** Share (0–1) of the query, weighted by the rarity of its stems, that the item holds. */
  coverage: number;
  /**
   * How many different stems of the query the item holds, those of its context included if it has at least one of its
   * own; words too common to tell anything are not counted.
   */
  matches: number;
}

const K1 = 1.2;
const B = 0.5;
/** What a stem counts that stands only around the item. */
const CONTEXT_SHARE = 0.4;

/**
 * Items by relevance to the query, best first, equals in the order given. A stem that no item holds is as rare as can
 * be and lowers every coverage, so that a question the items do not answer has no item with a high one.
 */
export function rank<T>(query: Query, items: readonly Rankable<T>[]): Ranked<T>[] {
  const lengthMean = items.reduce((sum, { stems }) => sum + stems.length, 0) / Math.max(1, items.length);
  const rarity = rarityOf(
    query,
    items.map(({ stems }) => new Set(stems)),
  );
  let total = 0;
  for (const [stem, weight] of query) total += weight * (rarity.get(stem) ?? 0);
  return items
    .map((item) => ({ item: item.item, ...scored(query, rarity, item, { lengthMean, total }) }))
    .toSorted((left, right) => right.score - left.score);
}

/** Inverse document frequency of each stem of the query, as in BM25+ (never negative). */
function rarityOf(query: Query, items: readonly ReadonlySet<string>[]): Map<string, number> {
  const rarity = new Map<string, number>();
  for (const stem of query.keys()) {
    const holders = items.reduce((count, stems) => count + (stems.has(stem) ? 1 : 0), 0);
    rarity.set(stem, Math.log(1 + (items.length - holders + 0.5) / (holders + 0.5)));
  }
  return rarity;
}

function scored(
  query: Query,
  rarity: ReadonlyMap<string, number>,
  { stems, context }: Rankable<unknown>,
  { lengthMean, total }: { lengthMean: number; total: number },
): Omit<Ranked<never>, 'item'> {
  const damping = K1 * (1 - B + (B * stems.length) / lengthMean);
  const result = { score: 0, coverage: 0, matches: 0 };
  let contextMatches = 0;
  for (const [stem, weight] of query) {
    const worth = weight * (rarity.get(stem) ?? 0);
    const count = stems.reduce((sum, own) => sum + (own === stem ? 1 : 0), 0);
    const isNear = count === 0 && context.has(stem);
    result.score += isNear ? worth * CONTEXT_SHARE : (worth * count * (K1 + 1)) / (count + damping);
    result.coverage += total === 0 || (count === 0 && !isNear) ? 0 : (worth * (isNear ? CONTEXT_SHARE : 1)) / total;
    if (isWeak(stem)) continue;
    if (count > 0) result.matches += 1;
    if (isNear) contextMatches += 1;
  }
  return result.matches === 0 ? result : { ...result, matches: result.matches + contextMatches };
}

/** How alike two texts are: the share of stems (0–1) that they have in common. */
export function likeness(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let common = 0;
  for (const stem of left) if (right.has(stem)) common += 1;
  const all = left.size + right.size - common;
  return all === 0 ? 1 : common / all;
}
