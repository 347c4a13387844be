import { hash, randomUUID } from 'node:crypto';
import { type Answer, encode, type Question, QUESTION_BYTES_MAX, subjects } from '@troupe/contract';
import type { Msg } from '@nats-io/nats-core';
import { ALIVE_SUBJECT } from '../broker/access.ts';
import { ALIVE_EVERY_MS, decodeQuestion, type Reply, TAKEN_AFTER_MS } from './asking-wire.ts';
import type { Bus } from '../bus/connect.ts';

/** An open question. The message itself would keep the whole socket read alive that it came in. */
interface Asked {
  reply: string;
}

/** `digest` is the SHA-256 of the question as it was asked: the same question asked again has the same. */
export type AnswerQuestion = (question: Question, digest: string) => Promise<Answer>;

/** Answers questions from the bus with `answer`; several gateways share the work (queue group). */
export class QuestionServer {
  readonly #bus: Bus;
  /** Who answers, as askers know it: another one after each reconnect, see {@link reconnected}. */
  #gateway = randomUUID();
  readonly #answer: AnswerQuestion;
  /** Questions that came since the last sweep and are not answered yet: two generations make one timer enough. */
  #fresh = new Set<Asked>();
  #waiting = new Set<Asked>();
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

  /**
   * Answers that were on their way are lost. Under a new name the old one falls silent, so its questions are asked
   * again; they join the calls in flight.
   */
  reconnected(): void {
    this.#gateway = randomUUID();
    this.#broadcast();
  }

  /** No new questions; open ones are still answered. Resolves when they are, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (this.#open > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #serve({ data, reply }: Msg): Promise<void> {
    if (reply === undefined) return;
    const asked: Asked = { reply };
    const question = decodeQuestion(data);
    if (question === undefined) return this.#reply(asked, { kind: 'answer', answer: MALFORMED });
    const answering = this.#answer(question, hash('sha256', data, 'base64url'));
    this.#open += 1;
    this.#fresh.add(asked);
    try {
      this.#reply(asked, { kind: 'answer', answer: await answering.catch(broken) });
    } finally {
      this.#open -= 1;
      this.#fresh.delete(asked);
      this.#waiting.delete(asked);
    }
  }

  #announceTaken(): void {
    for (const asked of this.#waiting) this.#reply(asked, { kind: 'taken', gateway: this.#gateway });
    this.#waiting = this.#fresh;
    this.#fresh = new Set();
  }

  #broadcast(): void {
    if (!this.#bus.nc.isClosed()) this.#bus.nc.publish(ALIVE_SUBJECT, encode({ gateway: this.#gateway }));
  }

  #reply({ reply: subject }: Asked, reply: Reply): void {
    this.#bus.outbox.publish(subject, encode(reply, QUESTION_BYTES_MAX));
  }
}

const MALFORMED: Answer = { ok: false, kind: 'malformed', message: 'the question does not fit its schema' };

/** A provider that throws is broken; the agent is told, and decides what it means for its task. */
const broken = (error: unknown): Answer => ({
  ok: false,
  kind: 'unavailable',
  message: `the gateway failed: ${error instanceof Error ? error.message : 'unknown error'}`,
});
