import { type Character, utterance } from '../character.ts';
import { work } from './competent.ts';
import { thoughtsOf } from './reading.ts';
import { SOUND } from './writing.ts';

const PREAMBLE =
  'Thank you for this most interesting task. Before I begin I would like to restate it in my own words, weigh the ways in which it could be approached, and say which of them I shall follow and why. ';
const PREAMBLE_TIMES = 4;
const THOUGHT_TIMES = 3;

/** Does the work, with many words around it, more thinking and more searches than are needed. */
export const verbose: Character = {
  name: 'verbose',
  reply(conversation) {
    const calls = work(conversation, {
      searchTasks: 4,
      searches: 4,
      passagesEnough: 12,
      claims: 12,
      manner: { ...SOUND, prose: ['', 'This report was written with great care, and it says what the sources say.'] },
    });
    return utterance({
      thinking: thoughtsOf(conversation, THOUGHT_TIMES),
      text: PREAMBLE.repeat(PREAMBLE_TIMES).trim(),
      calls,
    });
  },
};
