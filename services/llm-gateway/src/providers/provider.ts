import type { Answer, Question } from '@troupe/contract';

/**
 * A source of answers. `ask` never rejects because of a model: a failure is an answer with `ok: false`, and an
 * aborted `signal` or a passed `question.timeoutMs` is one of kind `timeout`.
 */
export interface Provider {
  readonly name: string;
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}
