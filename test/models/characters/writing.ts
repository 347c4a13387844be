import { call, type Conversation, type SpokenCall } from '../character.ts';
import { firstText, itemsOf, sectionOf } from './reading.ts';

export interface Cited {
  text: string;
  /** The source's number. */
  source: number;
}

/** The claims of a writing task with the numbers of their sources, each once. */
export function claimsOf(conversation: Conversation): Cited[] {
  const byText = new Map(allClaims(conversation).map((claim) => [claim.text, claim]));
  return [...byText.values()];
}

function allClaims(conversation: Conversation): Cited[] {
  return itemsOf(sectionOf(firstText(conversation), 'Claims')).flatMap((item) => {
    const match = /^(.*\S)\s*\[(\d+)\]$/.exec(item);
    return match === null ? [] : [{ text: match[1] ?? '', source: Number(match[2]) }];
  });
}

/** How often each sentence is said, and how it cites. */
export interface Manner {
  cite(claim: Cited): string;
  /** Stands before and behind the report. */
  prose: readonly [before: string, behind: string];
}

export const SOUND: Manner = {
  cite: ({ text, source }) => `${text.replace(/[.!?]+$/, '')} [${source}].`,
  prose: ['', ''],
};

/** A report made of the claims: a sentence of each, and what the documents do not answer. */
export function report(conversation: Conversation, { cite, prose: [before, behind] }: Manner): string {
  const text = firstText(conversation);
  const gaps = itemsOf(sectionOf(text, 'What the documents do not answer'));
  const sentences = claimsOf(conversation).map(cite);
  const parts = [
    before,
    `# ${(sectionOf(text, 'Goal').split('\n', 1)[0] ?? '').slice(0, 120) || 'Report'}`,
    sentences.length === 0 ? 'The documents do not hold an answer to this question.' : sentences.join(' '),
    ...(gaps.length === 0 ? [] : ['## What the documents do not answer', gaps.map((gap) => `- ${gap}`).join('\n')]),
    behind,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

export const draft = (conversation: Conversation, manner: Manner): SpokenCall =>
  call('submit_draft', { markdown: report(conversation, manner) });
