import { hash, randomUUID } from 'node:crypto';
import { type Answer, encode, type Question, QUESTION_BYTES_MAX, subjects } from '@troupe/contract';
import type { Msg } from '@nats-io/nats-core';
import { ALIVE_SUBJECT } from './access.ts';
import { ALIVE_EVERY_MS, decodeQuestion, type Reply, TAKEN_AFTER_MS } from './asking-wire.ts';
import type { Bus } from './connect.ts';

/** `digest` is the SHA-256 of the question as it was asked: the same question asked again has the same. */
export type AnswerQuestion = (question: Question, digest: string) => Promise<Answer>;

/** Answers questions from the bus with `answer`; several gateways share the work (queue group). */
export class QuestionServer {
  readonly #bus: Bus;
  readonly #gateway = randomUUID();
  readonly #answer: AnswerQuestion;
  /** Questions that came since the last sweep and are not answered yet: two generations make one timer enough. */
  #fresh = new Set<Msg>();
  #waiting = new Set<Msg>();
  #timers: NodeJS.Timeout[] = [];
  #open = 0;

  constructor(bus: Bus, answer: AnswerQuestion) {
    this.#bus = bus;
    this.#answer = answer;
  }

  get open(): number {
    return this.#open;
  }

  start(): void {
    this.#bus.nc.subscribe(subjects.ask, {
      queue: 'llm-gateway',
      callback: (error, message) => {
        if (error === null) void this.#serve(message);
      },
    });
    this.#timers = [
      setInterval(() => this.#announceTaken(), TAKEN_AFTER_MS),
      setInterval(() => this.#broadcast(), ALIVE_EVERY_MS),
    ];
    this.#broadcast();
  }

  /** No new questions; open ones are still answered. Resolves when they are, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (this.#open > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #serve(message: Msg): Promise<void> {
    const question = decodeQuestion(message.data);
    if (question === undefined) return this.#reply(message, { kind: 'answer', answer: MALFORMED });
    const digest = hash('sha256', message.data, 'base64url');
    this.#open += 1;
    this.#fresh.add(message);
    try {
      this.#reply(message, { kind: 'answer', answer: await this.#answer(question, digest) });
    } finally {
      this.#open -= 1;
      this.#fresh.delete(message);
      this.#waiting.delete(message);
    }
  }

  #announceTaken(): void {
    for (const message of this.#waiting) this.#reply(message, { kind: 'taken', gateway: this.#gateway });
    this.#waiting = this.#fresh;
    this.#fresh = new Set();
  }

  #broadcast(): void {
    if (!this.#bus.nc.isClosed()) this.#bus.nc.publish(ALIVE_SUBJECT, encode({ gateway: this.#gateway }));
  }

  #reply(message: Msg, reply: Reply): void {
    if (message.reply !== undefined) this.#bus.outbox.publish(message.reply, encode(reply, QUESTION_BYTES_MAX));
  }
}

const MALFORMED: Answer = { ok: false, kind: 'malformed', message: 'the question does not fit its schema' };
