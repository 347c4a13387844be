import { type Conversation } from '../character.ts';
import { offers } from './reading.ts';

export type Job = 'plan' | 'research' | 'write' | 'review' | 'other';

const JOBS = [
  ['submit_plan', 'plan'],
  ['submit_findings', 'research'],
  ['submit_draft', 'write'],
  ['submit_review', 'review'],
] as const;

/** What is asked for, as the tool tells by which it is handed in. */
export function jobOf(conversation: Conversation): Job {
  return JOBS.find(([name]) => offers(conversation, name))?.[1] ?? 'other';
}
