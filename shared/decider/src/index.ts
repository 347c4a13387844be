export { ask, fold, send, skip } from './decider.ts';
export type { Decider, Decision, Entry, Step } from './decider.ts';
export { unreachable } from './exhaustive.ts';
export { given } from './given.ts';
export type { Outcome } from './given.ts';
