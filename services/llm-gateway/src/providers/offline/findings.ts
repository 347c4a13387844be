import { CLAIM_CHARS_MAX } from '@troupe/contract';
import type { Evidence, FindingsSubmission } from '@troupe/contract';
import { likeness, rank } from './rank.ts';
import type { Ranked } from './rank.ts';
import type { ResearchQuery } from './research-query.ts';
import { sentencesOf } from './sentences.ts';
import type { Sentence } from './sentences.ts';
import { isWeak, stems } from './terms.ts';

const CLAIMS_CHOSEN_MAX = 8;
/** Of all that the task asks for, weighted by rarity, the best sentence has to hold this share: else there is no answer. */
const ANSWER_COVERAGE_MIN = 0.28;
/** And every other sentence this share. */
const COVERAGE_MIN = 0.15;
/** A sentence also has to score this share of the best sentence's score. */
const SCORE_SHARE_MIN = 0.4;
const LIKENESS_MAX = 0.6;
/** A sentence that leans on the one before it says less by itself. */
const LEANING = /^(?:it|its|they|their|them|this|that|these|those|he|she|such|however|but|and|so|then|also|instead)\b/i;
const LEANING_FACTOR = 0.75;

export interface RankedSentence extends Sentence {
  stems: ReadonlySet<string>;
}

/** The readable sentences of all passages by relevance to the query, the best first. */
export function rankedSentences(query: ResearchQuery, passages: readonly Evidence[]): Ranked<RankedSentence>[] {
  const items = passages.flatMap((passage) => {
    const context = new Set(stems(`${passage.path} ${passage.text}`));
    return sentencesOf(passage).map((sentence) => {
      const own = stems(sentence.text);
      return { item: { ...sentence, stems: new Set(own) }, stems: own, context };
    });
  });
  return rank(query.weights, items)
    .map((ranked) => ({ ...ranked, score: ranked.score * (LEANING.test(ranked.item.text) ? LEANING_FACTOR : 1) }))
    .toSorted((left, right) => right.score - left.score);
}

/** What the passages say about the task, each claim a sentence of theirs, and what they do not say. */
export function findingsOf(query: ResearchQuery, title: string, passages: readonly Evidence[]): FindingsSubmission {
  const chosen = choose(query, rankedSentences(query, passages));
  const claims = chosen.map(({ text, source }) => ({ text: text.slice(0, CLAIM_CHARS_MAX), source }));
  return { claims, gaps: gapsOf(query, title, passages, chosen) };
}

function choose(query: ResearchQuery, ranked: readonly Ranked<RankedSentence>[]): RankedSentence[] {
  const telling = query.terms.filter(({ stem }) => !isWeak(stem)).length;
  const matchesMin = Math.min(2, telling);
  const best = ranked[0]?.score ?? 0;
  const chosen: RankedSentence[] = [];
  if (!ranked.some(({ coverage, matches }) => coverage >= ANSWER_COVERAGE_MIN && matches >= matchesMin)) return [];
  for (const { item, score, coverage, matches } of ranked) {
    if (chosen.length === CLAIMS_CHOSEN_MAX || score < best * SCORE_SHARE_MIN) break;
    if (coverage < COVERAGE_MIN || matches < matchesMin) continue;
    if (chosen.every((other) => likeness(other.stems, item.stems) <= LIKENESS_MAX)) chosen.push(item);
  }
  return chosen;
}

function gapsOf(
  query: ResearchQuery,
  title: string,
  passages: readonly Evidence[],
  chosen: readonly RankedSentence[],
): string[] {
  const task = title.replace(/[\s.?!]+$/, '');
  if (chosen.length === 0) return [`The documents that were searched do not answer this: ${task}.`];
  const held = heldStems(passages);
  const missing = query.titleTerms.filter(({ stem }) => !held.has(stem) && !isWeak(stem));
  if (missing.length === 0) return [];
  return [
    `On "${task}" the documents that were searched do not mention: ${missing.map(({ word }) => word).join(', ')}.`,
  ];
}

/** Every stem of the passages' text. */
export function heldStems(passages: readonly Evidence[]): ReadonlySet<string> {
  return new Set(passages.flatMap(({ text }) => stems(text)));
}
