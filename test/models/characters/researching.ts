import { call, type Conversation, type SpokenCall } from '../character.ts';
import { firstText, type Passage, passagesIn, sectionOf, tellingWords } from './reading.ts';

const QUERY_WORDS = 8;
const CLAIM_CHARS_MAX = 300;

/** What is to be found out. */
function questionOf(conversation: Conversation): string {
  const text = firstText(conversation);
  return sectionOf(text, 'Question') || text;
}

/** A search: the first for the question's words, the next ones for those that were not searched yet. */
export function search(conversation: Conversation, nth: number): SpokenCall {
  const words = tellingWords(`${questionOf(conversation)} ${sectionOf(firstText(conversation), 'The goal')}`);
  const start = words.length > nth * QUERY_WORDS ? nth * QUERY_WORDS : nth;
  const query = words.slice(start, start + QUERY_WORDS).join(' ') || words.join(' ') || 'overview';
  return call('search_documents', { query: query.slice(0, 400), limit: 6 });
}

/** Findings from the passages that the results held: the best `claimsMax`, one sentence of each. */
export function findings(conversation: Conversation, claimsMax: number): SpokenCall {
  const question = questionOf(conversation);
  const claims = bestPassages(conversation, claimsMax).flatMap(({ path, startLine, endLine, text }) => {
    const sentence = sentenceOf(text, question);
    return sentence === undefined ? [] : [{ text: sentence, source: { path, startLine, endLine } }];
  });
  const gaps = claims.length > 0 ? [] : [`The documents do not answer: ${question.slice(0, 200)}`];
  return call('submit_findings', { claims, gaps });
}

function bestPassages(conversation: Conversation, max: number): Passage[] {
  const words = tellingWords(questionOf(conversation));
  return passagesIn(conversation)
    .map((passage) => ({ passage, score: overlap(passage.text, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((left, right) => right.score - left.score)
    .slice(0, max)
    .map(({ passage }) => passage);
}

function overlap(text: string, words: readonly string[]): number {
  const own = new Set(tellingWords(text));
  return words.filter((word) => own.has(word)).length;
}

/** The sentence of a passage that has most in common with the question. */
function sentenceOf(text: string, question: string): string | undefined {
  const words = tellingWords(question);
  const sentences = text
    .split(/\n\s*\n|\n(?=[-*#|])/)
    .filter((part) => !/^\s*(?:#|\||```)/.test(part))
    .map((part) => part.replace(/^[-*>\s]+/, '').replace(/\s+/g, ' '))
    .flatMap((part) => part.split(/(?<=[.!?])\s+/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length > 20 && sentence.length <= CLAIM_CHARS_MAX);
  return sentences.toSorted((left, right) => overlap(right, words) - overlap(left, words))[0];
}
