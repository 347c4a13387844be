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
import { FairQueue } from './calling/fair-queue.ts';
import type { DirectProvider } from './providers/direct.ts';

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

/** Whose question it is, by the subject that it came on, which the broker lets nobody else use. */
export interface Asker {
  tenant: string;
  role: string;
  /** Of the question's bytes. */
  digest: string;
}

/** A question that waits or is asked, and those who want to know. */
interface Open {
  readonly key: string;
  readonly asker: Asker;
  readonly arrivedAt: number;
  /** Aborts when nobody wants to know any more. */
  readonly unwanted: AbortController;
  readonly answered: Promise<Answer>;
  readonly settle: (answer: Answer) => void;
  /** Forgotten as soon as it is decoded: what waits is bytes, what is asked is a question. */
  bytes: Uint8Array | undefined;
  readonly byteLength: number;
  askers: number;
}

/**
 * Answers questions with a provider: at most `concurrency` calls at once, the tenants in turn; one call per question
 * however often it is asked, recent answers again without a call. Failures are not kept: asking again may help.
 *
 * A question is its bytes until its call begins: they are a fraction of what it is as objects. The same question has
 * the same bytes; its ID is among them. Who asks in another's name joins nobody's question and gets nobody's answer.
 */
export class Answering {
  readonly #provider: DirectProvider;
  readonly #options: AnsweringOptions;
  readonly #waiting = new FairQueue<Open>();
  #calls = 0;
  /** Questions that wait or are asked and somebody wants to know, by asker and digest. */
  readonly #open = new Map<string, Open>();
  #openBytes = 0;
  readonly #answers: LRUCache<string, Answered>;

  constructor(provider: DirectProvider, options: AnsweringOptions) {
    this.#provider = provider;
    this.#options = options;
    this.#answers = new LRUCache({ max: options.cacheMax, maxSize: options.cacheBytesMax });
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Tenants of which a question waits. */
  get waitingTenants(): number {
    return this.#waiting.tenants;
  }

  /** Bytes of all questions that wait or are asked. */
  get openBytes(): number {
    return this.#openBytes;
  }

  /**
   * Never rejects. `bytes` may be a view of something larger: what is kept is a copy. An asker whose `gone` aborts gets
   * `timeout`; a question that has lost all its askers is not asked, and a call that was begun for it ends.
   */
  answer(bytes: Uint8Array, asker: Asker, gone?: AbortSignal): Promise<Answer> {
    if (gone?.aborted === true) return Promise.resolve(GONE);
    const key = `${asker.tenant}.${asker.role}.${asker.digest}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return Promise.resolve(known);
    let open = this.#open.get(key);
    if (open === undefined) {
      const message = this.#isFull(bytes.length);
      if (message !== undefined) return Promise.resolve({ ok: false, kind: 'unavailable', message });
      open = this.#begin(key, asker, bytes);
    }
    return this.#join(open, gone);
  }

  /** Why one more question of so many bytes has no room, if it has none. */
  #isFull(bytes: number): string | undefined {
    const { concurrency, queueMax, queueBytesMax } = this.#options;
    if (this.#calls >= concurrency && this.waiting >= queueMax) return `${this.waiting} questions are waiting already`;
    if (this.#openBytes + bytes > queueBytesMax)
      return `${this.#openBytes} bytes of questions are open already; at most ${queueBytesMax} may be`;
    return undefined;
  }

  #begin(key: string, asker: Asker, bytes: Uint8Array): Open {
    const { promise: answered, resolve: settle } = Promise.withResolvers<Answer>();
    const open: Open = {
      key,
      asker,
      arrivedAt: performance.now(),
      unwanted: new AbortController(),
      answered,
      settle,
      // Not `slice()`: that of a Buffer is a view of the same memory.
      bytes: new Uint8Array(bytes),
      byteLength: bytes.length,
      askers: 0,
    };
    this.#open.set(key, open);
    this.#openBytes += bytes.length;
    this.#waiting.push(asker.tenant, open);
    this.#fill();
    return open;
  }

  #join(open: Open, gone: AbortSignal | undefined): Promise<Answer> {
    open.askers += 1;
    if (gone === undefined) return open.answered;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const leave = () => {
      resolve(GONE);
      this.#leave(open);
    };
    gone.addEventListener('abort', leave, { once: true });
    void open.answered.then((answer) => {
      gone.removeEventListener('abort', leave);
      resolve(answer);
    });
    return promise;
  }

  #leave(open: Open): void {
    open.askers -= 1;
    if (open.askers > 0) return;
    // Whoever asks again from now on does not join a call that is about to end.
    if (this.#open.get(open.key) === open) this.#open.delete(open.key);
    open.unwanted.abort();
    if (this.#waiting.remove(open.asker.tenant, open)) this.#settled(open, GONE);
  }

  /** Begins as many calls as there may be. */
  #fill(): void {
    while (this.#calls < this.#options.concurrency) {
      const open = this.#waiting.shift();
      if (open === undefined) return;
      this.#calls += 1;
      void this.#ask(open)
        .catch(broken)
        .then((answer) => {
          this.#calls -= 1;
          this.#settled(open, answer);
          this.#fill();
        });
    }
  }

  #settled(open: Open, answer: Answer): void {
    if (this.#open.get(open.key) === open) this.#open.delete(open.key);
    this.#openBytes -= open.byteLength;
    const size = answer.ok ? bytesOf(answer) : undefined;
    if (answer.ok && size !== undefined) this.#answers.set(open.key, answer, { size });
    open.settle(answer);
  }

  async #ask(open: Open): Promise<Answer> {
    const question = open.bytes && decodeQuestion(open.bytes);
    open.bytes = undefined;
    if (question === undefined) return MALFORMED;
    const { tenant, role } = open.asker;
    if (question.tenant !== tenant || question.role !== role)
      return { ok: false, kind: 'unauthorised', message: `the question is not of ${role} of the tenant ${tenant}` };
    return this.#askProvider(question, open);
  }

  /** What a question has waited counts against its time. */
  async #askProvider(question: Question, { arrivedAt, unwanted }: Open): Promise<Answer> {
    const startedAt = performance.now();
    const { timeoutMs, deadlineAt = Infinity } = question;
    const leftMs = Math.ceil(Math.min(timeoutMs - (startedAt - arrivedAt), deadlineAt - Date.now()));
    const answer =
      leftMs <= 0
        ? WAITED_TOO_LONG
        : await this.#provider
            .ask({ ...question, timeoutMs: leftMs }, AbortSignal.any([unwanted.signal, AbortSignal.timeout(leftMs)]))
            .catch(broken);
    this.#options.onAnswer?.(answer, performance.now() - startedAt);
    return answer;
  }
}

const CALLS_BOUNDS = { charsMax: ANSWER_BYTES_MAX, nodesMax: QUESTION_NODES_MAX, depthMax: JSON_DEPTH_MAX + 4 };

/** What an answer weighs in memory, roughly: two bytes a character, and the objects. Undefined if it cannot be sent. */
function bytesOf({ text, toolCalls, echo }: Answered): number | undefined {
  const calls = jsonSize([toolCalls, echo?.parts ?? []], CALLS_BOUNDS);
  return calls && 512 + 2 * (text.length + calls.chars) + 32 * calls.nodes;
}

const MALFORMED: Answer = { ok: false, kind: 'malformed', message: 'the question does not fit its schema' };
const GONE: Answer = { ok: false, kind: 'timeout', message: 'the question was aborted' };

const WAITED_TOO_LONG: Answer = {
  ok: false,
  kind: 'timeout',
  message: 'it waited for a free call for all of its time',
};

/** A provider never rejects for a model's failure; one that does is broken, and the agent decides what that means. */
const broken = (error: unknown): Answer => ({
  ok: false,
  kind: 'unavailable',
  message: `the provider failed: ${error instanceof Error ? error.message.slice(0, QUOTE_CHARS_MAX) : 'unknown error'}`,
});
