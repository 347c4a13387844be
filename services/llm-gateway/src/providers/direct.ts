import type { Answer, Question } from '@troupe/contract';

/**
 * Answers questions, in whatever way: one without a model, or models with all that it takes to ask them. Never rejects for
 * a model's failure; an aborted signal ends it at once.
 */
export interface DirectProvider {
  readonly name: string;
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}
