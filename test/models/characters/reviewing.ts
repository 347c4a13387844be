import { call, type Conversation, type SpokenCall } from '../character.ts';
import { firstText, itemsOf, sectionOf } from './reading.ts';

/** Accepts what cites its sources; asks for what the checks found wrong, and for citations where there are none. */
export function review(conversation: Conversation): SpokenCall {
  const text = firstText(conversation);
  const problems = itemsOf(sectionOf(text, 'What checks found wrong'));
  const isUncited = sectionOf(text, 'Its sources') !== '' && !/\[\d+\]/.test(sectionOf(text, 'The draft, round'));
  const reasons = [...problems, ...(isUncited ? ['Cite the source of each sentence of fact as [n].'] : [])].slice(
    0,
    16,
  );
  return call('submit_review', { verdict: reasons.length === 0 ? 'accept' : 'revise', reasons });
}
