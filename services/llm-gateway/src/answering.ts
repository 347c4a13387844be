import { createHash } from 'node:crypto';
import type { Answer, Question } from '@troupe/contract';
import PQueue from 'p-queue';
import type { Provider } from './providers/provider.ts';

export interface AnsweringOptions {
  concurrency: number;
  queueMax: number;
  /** Answers kept for questions that are asked again after a crash. */
  cacheMax: number;
  onAnswer?: (answer: Answer, durationMs: number) => void;
}

/**
 * Answers questions with a provider: at most `concurrency` calls at once, one call per question however often it is
 * asked (by ID and content), recent answers again without a call. Failures are not kept: asking again may help.
 */
export class Answering {
  readonly #provider: Provider;
  readonly #options: AnsweringOptions;
  readonly #queue: PQueue;
  readonly #inFlight = new Map<string, Promise<Answer>>();
  readonly #answers = new Map<string, Answer>();

  constructor(provider: Provider, options: AnsweringOptions) {
    this.#provider = provider;
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
  }

  get waiting(): number {
    return this.#queue.size;
  }

  answer(question: Question): Promise<Answer> {
    const key = keyOf(question);
    const known = this.#answers.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const joined = this.#inFlight.get(key);
    if (joined !== undefined) return joined;
    if (this.#queue.size >= this.#options.queueMax) {
      const message = `${this.#queue.size} questions are waiting already`;
      return Promise.resolve({ ok: false, kind: 'unavailable', message });
    }
    const call = this.#call(key, question);
    this.#inFlight.set(key, call);
    return call;
  }

  async #call(key: string, question: Question): Promise<Answer> {
    try {
      const answer = await this.#queue.add(() => this.#ask(question));
      if (answer.ok) this.#keep(key, answer);
      return answer;
    } finally {
      this.#inFlight.delete(key);
    }
  }

  async #ask(question: Question): Promise<Answer> {
    const started = performance.now();
    const answer = await this.#provider.ask(question, AbortSignal.timeout(question.timeoutMs));
    this.#options.onAnswer?.(answer, performance.now() - started);
    return answer;
  }

  #keep(key: string, answer: Answer): void {
    this.#answers.set(key, answer);
    if (this.#answers.size <= this.#options.cacheMax) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }
}

/** The ID alone is not enough: a process with stale state may ask something else under the same ID. */
function keyOf(question: Question): string {
  const hash = createHash('sha256').update(question.system).update(JSON.stringify(question.turns)).digest('base64url');
  return `${question.id}\n${hash}`;
}
