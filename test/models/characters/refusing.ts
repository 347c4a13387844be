import { type Character, utterance } from '../character.ts';
import { thoughtsOf } from './reading.ts';

/** Will not do it, as a service tells it: by the stop reason, not by words. */
export const refusing: Character = {
  name: 'refusing',
  reply: (conversation) =>
    utterance({ thinking: thoughtsOf(conversation), text: 'I cannot help with this.', stop: 'refusal' }),
};
