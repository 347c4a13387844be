import { type Character, type Conversation, utterance } from '../character.ts';
import { COMPETENT_ZEAL, work } from './competent.ts';
import { jobOf } from './job.ts';
import { thoughtsOf } from './reading.ts';
import { claimsOf, type Cited, report } from './writing.ts';

const MARKS: readonly ((claim: Cited) => string)[] = [
  ({ text, source }) => `${text} (${source})`,
  ({ text, source }) => `${text} [Source ${source}].`,
  ({ text, source }) => `${text} [${source}, ${source + 1}].`,
  ({ text }) => `${text} [99].`,
  ({ text, source }) => `${text} [^${source}]`,
  ({ text, source }) => `${text} [${source}].`,
];

/** Cites in six ways of which one is right, writes beside the call, and at first forgets to call at all. */
export const sloppy: Character = {
  name: 'sloppy',
  reply(conversation) {
    const thinking = thoughtsOf(conversation);
    const manner = {
      cite: (claim: Cited) =>
        MARKS[claimsOf(conversation).findIndex(({ text }) => text === claim.text) % MARKS.length]?.(claim) ??
        claim.text,
      prose: ['Sure! Here is the report you asked for:', 'Let me know if you need anything else.'],
    } as const;
    if (forgetsToCall(conversation)) {
      const text = jobOf(conversation) === 'write' ? report(conversation, manner) : 'Sure, I will do that right away.';
      return utterance({ thinking, text });
    }
    return utterance({ thinking, text: 'Sure! Here it is.', calls: work(conversation, { ...COMPETENT_ZEAL, manner }) });
  },
};

/** The first time that it is asked for the work, and not again: who is told once does it. */
function forgetsToCall({ messages }: Conversation): boolean {
  return messages.length === 1;
}
