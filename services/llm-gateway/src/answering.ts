import { hash } from 'node:crypto';
import {
  type Answer,
  ANSWER_BYTES_MAX,
  type Answered,
  JSON_DEPTH_MAX,
  jsonSize,
  type Question,
  QUESTION_NODES_MAX,
  QUOTE_CHARS_MAX,
} from '@troupe/contract';
import { decodeQuestion } from '@troupe/nats';
import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import type { Provider } from './providers/provider.ts';

export interface AnsweringOptions {
  concurrency: number;
  /** Questions that may wait for a call. */
  queueMax: number;
  /** Bytes of all questions that wait or are asked. */
  queueBytesMax: number;
  /** Answers kept for questions that are asked again after a crash, and their bytes, roughly. */
  cacheMax: number;
  cacheBytesMax: number;
  onAnswer?: (answer: Answer, durationMs: number) => void;
}

/**
 * Answers questions with a provider: at most `concurrency` calls at once, one call per question however often it is
 * asked, recent answers again without a call. Failures are not kept: asking again may help.
 *
 * A question is its bytes until its call begins: they are a fraction of what it is as objects. The same question has
 * the same bytes; its ID is among them.
 */
export class Answering {
  readonly #provider: Provider;
  readonly #options: AnsweringOptions;
  /** First come first served. 10,000 that wait cost 10 µs each, a hundredth of what decoding and answering takes. */
  readonly #queue: PQueue;
  /** Questions that wait or are asked, by digest. */
  readonly #open = new Map<string, Promise<Answer>>();
  #openBytes = 0;
  readonly #answers: LRUCache<string, Answered>;

  constructor(provider: Provider, options: AnsweringOptions) {
    this.#provider = provider;
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
    this.#answers = new LRUCache({ max: options.cacheMax, maxSize: options.cacheBytesMax });
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Bytes of all questions that wait or are asked. */
  get openBytes(): number {
    return this.#openBytes;
  }

  /** Never rejects. `bytes` may be a view of something larger: what is kept is a copy. */
  answer(bytes: Uint8Array): Promise<Answer> {
    const digest = hash('sha256', bytes, 'base64url');
    const known = this.#answers.get(digest);
    if (known !== undefined) return Promise.resolve(known);
    const joined = this.#open.get(digest);
    if (joined !== undefined) return joined;
    const message = this.#isFull(bytes.length);
    if (message !== undefined) return Promise.resolve({ ok: false, kind: 'unavailable', message });
    this.#openBytes += bytes.length;
    // Not `slice()`: that of a Buffer is a view of the same memory.
    const copy = new Uint8Array(bytes);
    const call = this.#settled(digest, copy.length, this.#queue.add(() => this.#ask(copy)).catch(broken));
    this.#open.set(digest, call);
    return call;
  }

  /** Why one more question of so many bytes has no room, if it has none. */
  #isFull(bytes: number): string | undefined {
    const { concurrency, queueMax, queueBytesMax } = this.#options;
    if (this.#queue.pending >= concurrency && this.waiting >= queueMax)
      return `${this.waiting} questions are waiting already`;
    if (this.#openBytes + bytes > queueBytesMax)
      return `${this.#openBytes} bytes of questions are open already; at most ${queueBytesMax} may be`;
    return undefined;
  }

  async #settled(digest: string, bytes: number, answered: Promise<Answer>): Promise<Answer> {
    const answer = await answered;
    this.#open.delete(digest);
    this.#openBytes -= bytes;
    const size = answer.ok ? bytesOf(answer) : undefined;
    if (answer.ok && size !== undefined) this.#answers.set(digest, answer, { size });
    return answer;
  }

  /** Not async: an async function holds its parameters until it ends, and the bytes have done their work here. */
  #ask(bytes: Uint8Array): Promise<Answer> {
    const question = decodeQuestion(bytes);
    return question === undefined ? Promise.resolve(MALFORMED) : this.#askModel(question);
  }

  async #askModel(question: Question): Promise<Answer> {
    const started = performance.now();
    const answer = await this.#provider.ask(question, AbortSignal.timeout(question.timeoutMs)).catch(broken);
    this.#options.onAnswer?.(answer, performance.now() - started);
    return answer;
  }
}

const CALLS_BOUNDS = { charsMax: ANSWER_BYTES_MAX, nodesMax: QUESTION_NODES_MAX, depthMax: JSON_DEPTH_MAX + 4 };

/** What an answer weighs in memory, roughly: two bytes a character, and the objects. Undefined if it cannot be sent. */
function bytesOf({ text, toolCalls }: Answered): number | undefined {
  const calls = jsonSize(toolCalls, CALLS_BOUNDS);
  return calls && 512 + 2 * (text.length + calls.chars) + 32 * calls.nodes;
}

const MALFORMED: Answer = { ok: false, kind: 'malformed', message: 'the question does not fit its schema' };

/** A provider never rejects for a model's failure; one that does is broken, and the agent decides what that means. */
const broken = (error: unknown): Answer => ({
  ok: false,
  kind: 'unavailable',
  message: `the provider failed: ${error instanceof Error ? error.message.slice(0, QUOTE_CHARS_MAX) : 'unknown error'}`,
});
