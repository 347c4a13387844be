import type { ResearchFacts } from '@troupe/contract';
import type { Query } from './rank.ts';
import { withoutExpression } from './arithmetic.ts';
import { isWeak, subjectTerms } from './terms.ts';
import type { Term } from './terms.ts';

const TITLE_WEIGHT = 3;
const GOAL_WEIGHT = 1;
const INSTRUCTIONS_WEIGHT = 0.5;
const WEAK_FACTOR = 0.3;
const SEARCH_WORDS_MAX = 6;

/** A research task as what to look for: its terms, each with a weight, the heaviest first. */
export interface ResearchQuery {
  terms: (Term & { weight: number })[];
  /** What the task itself is about; its other terms come from the goal around it. */
  titleTerms: Term[];
  weights: Query;
}

/** The title says what this task is about, the goal what it is for; instructions are mostly orders. */
export function researchQuery({ title, goal, instructions }: ResearchFacts): ResearchQuery {
  const titleTerms = subjectTerms(withoutExpression(title));
  const found = new Map<string, Term & { weight: number }>();
  const fields = [
    [titleTerms, TITLE_WEIGHT],
    [subjectTerms(withoutExpression(goal)), GOAL_WEIGHT],
    [subjectTerms(withoutExpression(instructions)), INSTRUCTIONS_WEIGHT],
  ] as const;
  for (const [terms, fieldWeight] of fields) {
    for (const term of terms) {
      const weight = fieldWeight * (isWeak(term.stem) ? WEAK_FACTOR : 1);
      // A term counts where it weighs most: instructions repeat title and goal.
      if (!found.has(term.stem)) found.set(term.stem, { ...term, weight });
    }
  }
  const terms = [...found.values()].toSorted((left, right) => right.weight - left.weight);
  return { terms, titleTerms, weights: new Map(terms.map(({ stem, weight }) => [stem, weight])) };
}

/** The words to search for: those of the task itself, and then, if the goal adds enough, those that only it has. */
export function firstSearches({ terms, titleTerms }: ResearchQuery): string[] {
  const own = new Set(titleTerms.map(({ stem }) => stem));
  const first = terms.slice(0, SEARCH_WORDS_MAX);
  const used = new Set(first.map(({ stem }) => stem));
  const added = terms.filter(({ stem, weight }) => !own.has(stem) && !used.has(stem) && weight >= GOAL_WEIGHT);
  return [first, added.slice(0, SEARCH_WORDS_MAX)].filter((some) => some.length > 1 || some === first).map(joined);
}

/** The words of the task itself that nothing returned so far holds, or undefined if there are none. */
export function missingSearch({ titleTerms }: ResearchQuery, heldStems: ReadonlySet<string>): string | undefined {
  const missing = titleTerms.filter(({ stem }) => !heldStems.has(stem) && !isWeak(stem));
  return missing.length === 0 ? undefined : joined(missing.slice(0, SEARCH_WORDS_MAX));
}

function joined(terms: readonly Term[]): string {
  return terms.map(({ word }) => word).join(' ');
}
