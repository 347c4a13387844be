import type { RunLog } from './run-log.ts';

/** One promise of the system that a log can prove broken. Pure. */
export interface Rule {
  /** One word, as reports name it. */
  readonly name: string;
  /** What is promised, as a sentence. */
  readonly promise: string;
  /** What is wrong, one sentence each. */
  violations(log: RunLog): string[];
}
