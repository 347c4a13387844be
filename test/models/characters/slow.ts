import type { Character } from '../character.ts';
import { competent } from './competent.ts';

const DELAY_MS = 1_500;
const PACE_MS = 10;

/** Does the work, late. */
export const slow: Character = {
  name: 'slow',
  reply: (conversation) => ({ ...competent.reply(conversation), delayMs: DELAY_MS, paceMs: PACE_MS }),
};
