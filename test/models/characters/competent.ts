import { call, type Character, type Conversation, type SpokenCall, utterance } from '../character.ts';
import { fitted } from '../fitted.ts';
import { jobOf } from './job.ts';
import { plan } from './planning.ts';
import { callsIn, firstText, isAskedFor, offers, passagesIn, thoughtsOf } from './reading.ts';
import { findings, search } from './researching.ts';
import { review } from './reviewing.ts';
import { draft, type Manner, SOUND } from './writing.ts';

/** How much somebody who does the work well does of it. */
export interface Zeal {
  /** Tasks that search, per plan. */
  searchTasks: number;
  /** Searches per question, and passages with which it stops before. */
  searches: number;
  passagesEnough: number;
  claims: number;
  manner: Manner;
}

export const COMPETENT_ZEAL: Zeal = { searchTasks: 2, searches: 2, passagesEnough: 3, claims: 4, manner: SOUND };

/** The call that does the job; none if nothing is offered that could be called. */
export function work(conversation: Conversation, zeal: Zeal): SpokenCall[] {
  switch (jobOf(conversation)) {
    case 'plan':
      return [plan(conversation, zeal.searchTasks)];
    case 'research':
      return [
        isToSearch(conversation, zeal)
          ? search(conversation, searchesIn(conversation))
          : findings(conversation, zeal.claims),
      ];
    case 'write':
      return [draft(conversation, zeal.manner)];
    case 'review':
      return [review(conversation)];
    case 'other':
      return other(conversation);
  }
}

const searchesIn = (conversation: Conversation): number => callsIn(conversation, 'search_documents').length;

function isToSearch(conversation: Conversation, { searches, passagesEnough }: Zeal): boolean {
  if (!offers(conversation, 'search_documents') || isAskedFor(conversation, 'submit_findings')) return false;
  return searchesIn(conversation) < searches && passagesIn(conversation).length < passagesEnough;
}

/** Of tools that it knows nothing of it calls the first, once, with the little that its schema asks for. */
function other({ tools, messages, choice }: Conversation): SpokenCall[] {
  const wanted = typeof choice === 'string' ? tools[0] : tools.find(({ name }) => name === choice.name);
  if (wanted === undefined || messages.at(-1)?.role === 'result') return [];
  const text = firstText({ system: '', messages, tools, choice, parallelCalls: true, effort: 'none' });
  return [call(wanted.name, fitted({}, wanted.parameters, text.slice(0, 200)))];
}

export const competent: Character = {
  name: 'competent',
  reply(conversation) {
    const calls = work(conversation, COMPETENT_ZEAL);
    const text = calls.length === 0 ? 'This is what I found: it is as the results say.' : '';
    return utterance({ thinking: thoughtsOf(conversation), text, calls });
  },
};
