import { TEXT_CHARS_MAX } from '@troupe/contract';
import type { ReviewFacts, ReviewSubmission } from '@troupe/contract';
import { clip } from './aspects.ts';
import { reportSentences } from './report-sentences.ts';
import type { ReportSentence } from './report-sentences.ts';
import { isSupported } from './statement.ts';
import { isWeak, stems, subjectTerms } from './terms.ts';

const REASONS_MAX = 16;
const QUOTE_CHARS_MAX = 200;
/** The share of the goal's words that a report has to take up, if only to say that there is nothing on them. */
const GOAL_COVERAGE_MIN = 0.6;
/** From this round on only faults that make a report wrong, not those that make it weak, are held against it. */
const LENIENT_ROUND = 2;
const ABOUT_CITATIONS = /\[\d+\]|\b(?:cit(?:e|es|ed|ing|ation|ations)|sources?)\b/i;
const INVALID = /\b(?:invalid|unknown|missing|wrong|out of range|no such|not exist|not listed|points? to no)\b/i;

interface Fault {
  reason: string;
  /** Whether the report is wrong with it, in any round. */
  isHard: boolean;
}

/**
 * A verdict on a draft, from what can be checked without understanding it: whether it takes up the words of the goal,
 * whether each sentence of fact cites a source that exists, whether that source has the sentence's words. From the
 * second round on only citations that point nowhere count, so that reviewing comes to an end.
 */
export function reviewOf(prompt: ReviewFacts): ReviewSubmission {
  const sentences = reportSentences(prompt.draft);
  const faults = [
    ...prompt.problems.map((reason) => ({ reason, isHard: ABOUT_CITATIONS.test(reason) && INVALID.test(reason) })),
    ...citationFaults(sentences, prompt),
    ...coverageFaults(sentences, prompt),
  ];
  const counted = prompt.round >= LENIENT_ROUND ? faults.filter(({ isHard }) => isHard) : faults;
  const reasons = [...new Set(counted.map(({ reason }) => clip(reason, TEXT_CHARS_MAX)))].slice(0, REASONS_MAX);
  return { verdict: reasons.length > 0 ? 'revise' : 'accept', reasons };
}

function citationFaults(sentences: readonly ReportSentence[], { sources }: ReviewFacts): Fault[] {
  const texts = new Map(sources.map(({ number, text }) => [number, text]));
  return sentences.flatMap(({ text, numbers, isFactual }): Fault[] => {
    const quote = `"${clip(text, QUOTE_CHARS_MAX)}"`;
    const unknown = numbers.filter((number) => !texts.has(number));
    if (unknown.length > 0) {
      return [{ reason: `The citation [${unknown.join('], [')}] points to no source: ${quote}`, isHard: true }];
    }
    if (!isFactual) return [];
    if (numbers.length === 0) return [{ reason: `This sentence has no citation: ${quote}`, isHard: false }];
    const passages = numbers.flatMap((number) => texts.get(number) ?? []);
    if (isSupported(text, passages)) return [];
    return [{ reason: `The cited source [${numbers.join('], [')}] does not say this: ${quote}`, isHard: false }];
  });
}

function coverageFaults(sentences: readonly ReportSentence[], { goal }: ReviewFacts): Fault[] {
  const asked = subjectTerms(goal).filter(({ stem }) => !isWeak(stem));
  const held = new Set(sentences.flatMap(({ text }) => stems(text)));
  const missing = asked.filter(({ stem }) => !held.has(stem));
  if (asked.length === 0 || 1 - missing.length / asked.length >= GOAL_COVERAGE_MIN) return [];
  const words = missing.map(({ word }) => `"${word}"`).join(', ');
  return [{ reason: `The report takes up too little of the goal; it says nothing about ${words}.`, isHard: false }];
}
