import { EVIDENCE_MAX, SUBMIT_FINDINGS } from '@troupe/contract';
import type { Evidence, FindingsSubmission, Question, ResearchFacts, Turn } from '@troupe/contract';
import { z } from 'zod';
import { callable } from '../facts.ts';
import { parseJson, returnedPassages } from '../returned-passages.ts';
import { expressionIn } from './arithmetic.ts';
import { findingsOf, heldStems, rankedSentences } from './findings.ts';
import type { PlannedCall } from './planned-call.ts';
import { firstSearches, missingSearch, researchQuery } from './research-query.ts';
import type { ResearchQuery } from './research-query.ts';

const TOOL_ROUNDS_MAX = 3;
/** What a calculator returns. */
const Calculation = z.preprocess(parseJson, z.object({ expression: z.string(), value: z.number() }));
/** How many lines before and after a passage to read when it looks cut. */
const LINES_BEFORE = 10;
const LINES_AFTER = 20;
/** The most passages that are read closely; more would only cost time. */
const PASSAGES_MAX = EVIDENCE_MAX * 2;

/**
 * The next step of a research task: tool calls, as long as there is something left to look for and at most three
 * rounds of them, and then the findings.
 */
export function researchStep(prompt: ResearchFacts, question: Question): PlannedCall[] {
  const query = researchQuery(prompt);
  const passages = returnedPassages(question.turns).slice(0, PASSAGES_MAX);
  const calls = nextCalls(prompt, query, question, passages);
  if (calls.length > 0) return calls;
  return [{ name: SUBMIT_FINDINGS.name, arguments: { ...submission(prompt, query, question, passages) } }];
}

function nextCalls(
  prompt: ResearchFacts,
  query: ResearchQuery,
  question: Question,
  passages: readonly Evidence[],
): PlannedCall[] {
  const { turns } = question;
  const rounds = turns.filter((turn) => turn.role === 'assistant' && turn.toolCalls.length > 0).length;
  if (rounds >= TOOL_ROUNDS_MAX || rejections(turns).length > 0) return [];
  const calls = rounds === 0 ? opening(prompt, query) : refinement(query, passages);
  const made = new Set(turns.flatMap((turn) => (turn.role === 'assistant' ? turn.toolCalls.map(keyOf) : [])));
  const offered = new Set(callable(question).map(({ name }) => name));
  const fresh = calls.filter((call) => offered.has(call.name) && !made.has(keyOf(call)));
  return rounds === 0 ? fresh : fresh.slice(0, 1);
}

function opening(prompt: ResearchFacts, query: ResearchQuery): PlannedCall[] {
  const expression = expressionIn(prompt.goal) ?? expressionIn(prompt.instructions);
  return [
    ...firstSearches(query).map(search),
    ...(expression === undefined ? [] : [{ name: 'calculate', arguments: { expression } }]),
  ];
}

/** Words that were not found yet are looked for first; then the best passage is read on, if it looks cut. */
function refinement(query: ResearchQuery, passages: readonly Evidence[]): PlannedCall[] {
  const missing = missingSearch(query, heldStems(passages));
  const best = rankedSentences(query, passages)[0]?.item.source;
  const passage = passages.find(
    ({ path, startLine, endLine }) => best?.path === path && best.startLine >= startLine && best.endLine <= endLine,
  );
  return [
    ...(missing === undefined ? [] : [search(missing)]),
    ...(passage && looksCut(passage.text) ? [readAround(passage)] : []),
  ];
}

/** Whether a passage starts or ends within a sentence. */
function looksCut(text: string): boolean {
  const trimmed = text.trim();
  return /^[\p{Ll},;)]/u.test(trimmed) || !/[.!?:)"'”`*_|>]$/.test(trimmed);
}

function readAround({ path, startLine, endLine }: Evidence): PlannedCall {
  const lines = { startLine: Math.max(1, startLine - LINES_BEFORE), endLine: endLine + LINES_AFTER };
  return { name: 'read_document', arguments: { path, ...lines } };
}

function search(query: string): PlannedCall {
  return { name: 'search_documents', arguments: { query } };
}

/**
 * The findings. If an earlier submission was refused, the next cites whole passages as they were returned, and the one
 * after that claims nothing: the same answer again would be refused again.
 */
function submission(
  prompt: ResearchFacts,
  query: ResearchQuery,
  { turns }: Question,
  passages: readonly Evidence[],
): FindingsSubmission {
  const refused = rejections(turns);
  const found = findingsOf(query, prompt.title, refused.length > 1 ? [] : passages);
  const claims = refused.length === 0 ? found.claims : found.claims.map((claim) => widened(claim, passages));
  return { claims, gaps: [...found.gaps, ...calculated(turns)] };
}

type Claim = FindingsSubmission['claims'][number];

function widened({ text, source }: Claim, passages: readonly Evidence[]): Claim {
  const whole = passages.find(
    ({ path, startLine, endLine }) =>
      path === source.path && startLine <= source.startLine && endLine >= source.endLine,
  );
  const { path, startLine, endLine } = whole ?? source;
  return { text, source: { path, startLine, endLine } };
}

/** A calculator's result is no passage and cannot be cited, so it stands beside the claims. */
function calculated(turns: readonly Turn[]): string[] {
  return turns.flatMap((turn) =>
    turn.role === 'tool' && turn.name === 'calculate' && !turn.failed
      ? [`Calculated, not taken from the documents: ${calculation(turn.text)}.`]
      : [],
  );
}

function calculation(text: string): string {
  const parsed = Calculation.safeParse(text);
  return parsed.success ? `${parsed.data.expression} = ${parsed.data.value}` : text.replace(/\s+/g, ' ').slice(0, 300);
}

function rejections(turns: readonly Turn[]): Turn[] {
  return turns.filter((turn) => turn.role === 'tool' && turn.name === SUBMIT_FINDINGS.name);
}

function keyOf(call: PlannedCall): string {
  return `${call.name} ${JSON.stringify(call.arguments)}`;
}
