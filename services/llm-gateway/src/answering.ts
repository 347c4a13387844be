import { type Answer, type Question, QUOTE_CHARS_MAX } from '@troupe/contract';
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
  /** Calls that wait for a free place, first come first served. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  readonly #inFlight = new Map<string, Promise<Answer>>();
  readonly #answers = new Map<string, Answer>();

  constructor(provider: Provider, options: AnsweringOptions) {
    this.#provider = provider;
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** `digest` tells questions with the same ID apart: a process with stale state may ask something else under it. */
  answer(question: Question, digest: string): Promise<Answer> {
    const key = `${question.id}\n${digest}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const joined = this.#inFlight.get(key);
    if (joined !== undefined) return joined;
    if (this.#running >= this.#options.concurrency && this.waiting >= this.#options.queueMax) {
      const message = `${this.waiting} questions are waiting already`;
      return Promise.resolve({ ok: false, kind: 'unavailable', message });
    }
    const call = this.#call(key, question);
    this.#inFlight.set(key, call);
    return call;
  }

  async #call(key: string, question: Question): Promise<Answer> {
    if (this.#running >= this.#options.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      const answer = await this.#ask(question);
      if (answer.ok) this.#keep(key, answer);
      return answer;
    } finally {
      this.#inFlight.delete(key);
      // The place goes to the next in line; only without one is it free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #ask(question: Question): Promise<Answer> {
    const started = performance.now();
    const answer = await this.#provider.ask(question, AbortSignal.timeout(question.timeoutMs)).catch(broken);
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

/** A provider never rejects for a model's failure; one that does is broken, and the agent decides what that means. */
const broken = (error: unknown): Answer => ({
  ok: false,
  kind: 'unavailable',
  message: `the provider failed: ${error instanceof Error ? error.message.slice(0, QUOTE_CHARS_MAX) : 'unknown error'}`,
});
