import { type Character, utterance } from '../character.ts';
import { COMPETENT_ZEAL, work } from './competent.ts';
import { jobOf } from './job.ts';
import { isAskedFor, offers, thoughtsOf } from './reading.ts';
import { search } from './researching.ts';

/** Does not remember that it has searched: makes its first search again and again, until it is told to hand in. */
export const forgetful: Character = {
  name: 'forgetful',
  reply(conversation) {
    const searchesAgain =
      jobOf(conversation) === 'research' &&
      offers(conversation, 'search_documents') &&
      !isAskedFor(conversation, 'submit_findings');
    const calls = searchesAgain ? [search(conversation, 0)] : work(conversation, COMPETENT_ZEAL);
    return utterance({ thinking: thoughtsOf(conversation), calls });
  },
};
