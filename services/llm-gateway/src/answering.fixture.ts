import { hash } from 'node:crypto';
import type { Answer, Question } from '@troupe/contract';
import { encodeQuestion } from '@troupe/nats';
import type { Answering, Asker } from './answering.ts';
import { questionOf } from './providers/question.fixture.ts';

export const answerTo = (text: string): Answer => ({
  ok: true,
  provider: 'test',
  model: 'test-1',
  text,
  toolCalls: [],
  stop: 'end',
  usage: { inputTokens: 1, outputTokens: 1 },
  costUsd: 0,
});
export const failure: Answer = { ok: false, kind: 'unavailable', message: 'overloaded' };

/** A provider whose calls wait until the test settles them, in the order in which they came. */
export function heldProvider() {
  const calls: { question: Question; signal: AbortSignal; settle: (answer: Answer) => void }[] = [];
  return {
    calls,
    provider: {
      name: 'held',
      ask: (question: Question, signal: AbortSignal) =>
        new Promise<Answer>((resolve) => {
          calls.push({ question, signal, settle: resolve });
        }),
    },
  };
}

export const MIB = 1024 * 1024;
export const limits = { concurrency: 2, queueMax: 2, queueBytesMax: MIB, cacheMax: 2, cacheBytesMax: MIB };
export const asking = (id: string, different: Partial<Question> = {}) =>
  encodeQuestion(questionOf({ id, ...different }));
export const ask = (answering: Answering, bytes: Uint8Array, asker: Partial<Asker> = {}, gone?: AbortSignal) =>
  answering.answer(
    bytes,
    { tenant: 'default', role: 'researcher', digest: hash('sha256', bytes, 'base64url'), ...asker },
    gone,
  );
/** Lets the queue start what it may start. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));
