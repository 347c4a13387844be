import { hash } from 'node:crypto';
import { type Answer, decode, type ModelRecord, type Question, QUESTION_BYTES_MAX, subjects } from '@troupe/contract';
import { type AgentQuestion, type PerformContext, type Performer, TransientError } from '@troupe/actor';
import type { Msg } from '@nats-io/nats-core';
import { ALIVE_SUBJECT } from '../broker/access.ts';
import { Alive, encodeQuestion, GATEWAY_DEAD_MS, Reply, UNTAKEN_MS } from './asking-wire.ts';
import { type Bus, inboxOf } from '../bus/connect.ts';

interface Open {
  /** Encoded again if it has to be asked again: its strings are the actor's own, its bytes would be a copy. */
  question: Question;
  gateway: string | undefined;
  askedAt: number;
  giveUpAt: number;
  resolve(answer: Answer): void;
}

const SWEEP_MS = 250;

/** Asks `llm-gateway` over NATS and waits, for as long as the question allows and a gateway lives. */
export class NatsAsker implements Performer<AgentQuestion, Answer> {
  readonly #bus: Bus;
  readonly #prefix: string;
  readonly #open = new Map<string, Open>();
  readonly #seen = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #next = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
    this.#prefix = `${inboxOf(bus)}.`;
    bus.nc.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.#arrived(message);
      },
    });
    bus.nc.subscribe(ALIVE_SUBJECT, {
      callback: (error, message) => {
        if (error === null) this.#alive(message);
      },
    });
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Resolves with the answer, or with a `timeout` when the question's or the run's time is over. */
  async perform(
    { deadlineAt, ...question }: AgentQuestion,
    context: PerformContext,
  ): Promise<{ answer: Answer; model: ModelRecord }> {
    const now = Date.now();
    const timeoutMs = Math.max(1, Math.min(question.timeoutMs, deadlineAt - now));
    const asked = { ...question, id: context.id };
    const { digest, answered } = this.#ask(asked, now + timeoutMs, context.signal);
    const answer = await answered;
    return { answer, model: { question: digest, answer } };
  }

  recall(record: ModelRecord): Answer {
    return record.answer;
  }

  /** Answers that came while the connection was away are lost: asks again, and the gateway joins or remembers. */
  reconnected(): void {
    for (const [token, open] of this.#open) this.#publish(token, open, encodeQuestion(open.question));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #ask(question: Question, giveUpAt: number, signal: AbortSignal): { digest: string; answered: Promise<Answer> } {
    if (signal.aborted) throw new TransientError('this process is shutting down');
    const bytes = encodeQuestion(question);
    const { promise: answered, resolve } = Promise.withResolvers<Answer>();
    const token = (this.#next++).toString(36);
    const open: Open = { question, gateway: undefined, askedAt: performance.now(), giveUpAt, resolve };
    this.#open.set(token, open);
    this.#publish(token, open, bytes);
    return { digest: hash('sha256', bytes, 'hex'), answered };
  }

  #publish(token: string, open: Open, bytes: Uint8Array): void {
    open.askedAt = performance.now();
    open.gateway = undefined;
    this.#bus.outbox.publish(subjects.ask, bytes, { reply: this.#prefix + token });
  }

  #arrived(message: Msg): void {
    const token = message.subject.slice(this.#prefix.length);
    const open = this.#open.get(token);
    // A status message says that nobody listens just now; the sweep asks again.
    if (open === undefined || message.data.length === 0) return;
    const reply = Reply.safeParse(decode(message.data, QUESTION_BYTES_MAX));
    if (!reply.success)
      return this.#settle(token, open, {
        ok: false,
        kind: 'malformed',
        message: 'the gateway sent something unreadable',
      });
    if (reply.data.kind === 'answer') return this.#settle(token, open, reply.data.answer);
    open.gateway = reply.data.gateway;
    this.#seen.set(reply.data.gateway, performance.now());
  }

  #settle(token: string, open: Open, answer: Answer): void {
    this.#open.delete(token);
    open.resolve(answer);
  }

  #alive(message: Msg): void {
    const alive = Alive.safeParse(decode(message.data));
    if (alive.success) this.#seen.set(alive.data.gateway, performance.now());
  }

  /** Tells a slow model (its gateway is alive) from a dead gateway (ask another). */
  #sweep(): void {
    const now = performance.now();
    const wallclock = Date.now();
    for (const [token, open] of this.#open) {
      if (wallclock >= open.giveUpAt) {
        this.#settle(token, open, { ok: false, kind: 'timeout', message: 'no answer within the time allowed' });
      } else if (open.gateway === undefined ? now - open.askedAt > UNTAKEN_MS : this.#isDead(open.gateway, now)) {
        this.#publish(token, open, encodeQuestion(open.question));
      }
    }
    for (const [gateway, seen] of this.#seen) if (now - seen > GATEWAY_DEAD_MS * 10) this.#seen.delete(gateway);
  }

  #isDead(gateway: string, now: number): boolean {
    return now - (this.#seen.get(gateway) ?? 0) > GATEWAY_DEAD_MS;
  }
}
