export { citedNumbers, renumber } from './citations.ts';
export { estimateTokens, questionWithin } from './question.ts';
export { readAnswer } from './read-answer.ts';
export type { ReadAnswer } from './read-answer.ts';
export { addSpent, costOf, NOTHING_SPENT, tokensLeft } from './spending.ts';
export { completeTurns, turnOf } from './transcript.ts';
export { oneAnswerDecider } from './one-answer.ts';
export type { Judged, OneAnswerAgent, OneAnswerState, Task } from './one-answer.ts';
