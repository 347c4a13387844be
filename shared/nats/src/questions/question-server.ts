import { randomUUID } from 'node:crypto';
import { type Answer, QUESTION_BYTES_MAX, QUOTE_CHARS_MAX, subjects, type Token } from '@troupe/contract';
import type { Msg, Subscription } from '@nats-io/nats-core';
import { ALIVE_SUBJECT, takenSubject } from '../broker/access.ts';
import type { Bus } from '../bus/connect.ts';
import { listen } from '../bus/listen.ts';
import { type ReportUnreadable, Unreadable } from '../bus/unreadable.ts';
import {
  type Alive,
  ALIVE_EVERY_MS,
  digestOf,
  encodeAlive,
  encodeReply,
  encodeTaken,
  TAKEN_AFTER_MS,
  TAKEN_MAX,
} from './asking-wire.ts';

/** An open question. The message itself would keep the whole socket read alive that it came in. */
interface Asked {
  reply: string;
  role: Token;
  digest: string;
}

/** Who asks, by the subject, which the broker lets nobody else use, and the digest of what is asked. */
export interface Asker {
  tenant: Token;
  role: Token;
  /** SHA-256 (hex) of the bytes. */
  digest: string;
}

/** Answers a question, given as its bytes: a view that is only good until this returns; copy what is kept. */
export type AnswerQuestion = (bytes: Uint8Array, asker: Asker) => Promise<Answer>;

/** Questions that may be open at once, joined ones included: one more is `unavailable` at once. */
const OPEN_MAX = 150_000;
/** Names of before under which a gateway is still asked again: who was away longer than it has not heard the new one. */
const NAMES_MAX = 8;
/** The last words and what is on its way: a connection that is away must not hold up the end of the process. */
const FLUSH_MS_MAX = 1_000;

/** Answers questions from the bus with `answer`; several gateways share the work (queue group). */
export class QuestionServer {
  readonly #bus: Bus;
  /** Who answers, as askers know it: another one after each reconnect, see {@link reconnected}. */
  #gateway = randomUUID();
  readonly #answer: AnswerQuestion;
  readonly #unreadable: Unreadable;
  /** Questions that came since the last sweep and are not answered yet: two generations make one timer enough. */
  #fresh = new Set<Asked>();
  #waiting = new Set<Asked>();
  #timers: NodeJS.Timeout[] = [];
  #subscription: Subscription | undefined;
  /** Questions that are asked again of this gateway by its name, or by one of those that it had before. */
  #again: Subscription[] = [];
  #open = 0;
  #state: 'serving' | 'draining' | 'gone' = 'serving';
  #onIdle: (() => void) | undefined;

  constructor(bus: Bus, answer: AnswerQuestion, options: { onUnreadable?: ReportUnreadable } = {}) {
    this.#bus = bus;
    this.#answer = answer;
    this.#unreadable = new Unreadable(options.onUnreadable);
  }

  get open(): number {
    return this.#open;
  }

  start(): void {
    this.#subscription = listen(this.#bus, subjects.allAsks, this.#unreadable, (message) => this.#serve(message), {
      queue: 'llm-gateway',
    });
    this.#listenAgain();
    this.#timers = [
      setInterval(() => this.#announceTaken(), TAKEN_AFTER_MS),
      setInterval(() => this.#broadcast(false), ALIVE_EVERY_MS),
    ];
    this.#broadcast(false);
  }

  /**
   * Answers that were on their way are lost. The old name is gone, so its questions are asked again; they join the
   * calls in flight.
   */
  reconnected(): void {
    if (this.#state === 'gone') return;
    const before = this.#gateway;
    this.#gateway = randomUUID();
    this.#listenAgain();
    this.#tell({ gateway: before, gone: true, now: this.#gateway });
    this.#broadcast(false);
  }

  /**
   * Takes no new questions: other gateways get them. Those that are here or on their way are answered, for `graceMs`
   * at most. The last word is that this gateway is gone, so that the rest is asked of another at once.
   */
  async drain(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    this.#state = 'draining';
    // Each asker knows from now on whose end to listen for.
    this.#announceAll();
    // A connection that is closed has nothing on its way.
    const listening = [...(this.#subscription === undefined ? [] : [this.#subscription]), ...this.#again];
    const stopped = Promise.all(listening.map((subscription) => subscription.drain().catch(() => undefined)));
    await within(Math.max(graceMs, FLUSH_MS_MAX), stopped);
    await within(deadline - performance.now(), this.#idle());
    for (const timer of this.#timers) clearInterval(timer);
    this.#announceAll();
    this.#bus.outbox.flush();
    this.#broadcast(true);
    this.#state = 'gone';
    if (!this.#bus.nc.isClosed())
      await within(
        FLUSH_MS_MAX,
        this.#bus.nc.flush().catch(() => undefined),
      );
  }

  #listenAgain(): void {
    const subject = subjects.asksAgainAt(this.#gateway);
    this.#again.push(listen(this.#bus, subject, this.#unreadable, (message) => this.#serve(message)));
    while (this.#again.length > NAMES_MAX) this.#again.shift()?.unsubscribe();
  }

  #serve({ subject, data, reply }: Msg): void {
    if (reply === undefined || reply === '') return;
    if (data.length === 0 || data.length > QUESTION_BYTES_MAX) return this.#reply(reply, TOO_LONG);
    if (this.#open >= OPEN_MAX) return this.#reply(reply, TOO_MANY);
    const [tenant = '', role = ''] = subject.split('.').slice(-2);
    const digest = digestOf(data);
    void this.#answerTo({ reply, role, digest }, this.#answered(data, { tenant, role, digest }));
  }

  async #answerTo(asked: Asked, answered: Promise<Answer>): Promise<void> {
    this.#open += 1;
    this.#fresh.add(asked);
    if (this.#state === 'draining') this.#announceAll();
    const answer = await answered;
    this.#open -= 1;
    this.#fresh.delete(asked);
    this.#waiting.delete(asked);
    this.#reply(asked.reply, answer);
    if (this.#open === 0) this.#onIdle?.();
  }

  /** Never rejects. Not async: an async function would hold the bytes, and the socket read around them, until it ends. */
  #answered(bytes: Uint8Array, asker: Asker): Promise<Answer> {
    try {
      return this.#answer(bytes, asker).catch(broken);
    } catch (error) {
      return Promise.resolve(broken(error));
    }
  }

  #idle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => (this.#onIdle = resolve));
  }

  #announceTaken(): void {
    if (this.#state !== 'gone') {
      for (const [role, asked] of Map.groupBy(this.#waiting, ({ role: name }) => name)) {
        for (let start = 0; start < asked.length; start += TAKEN_MAX) {
          const questions = asked.slice(start, start + TAKEN_MAX).map(({ digest }) => digest);
          this.#bus.outbox.publish(takenSubject(role), encodeTaken({ gateway: this.#gateway, questions }));
        }
      }
    }
    this.#waiting = this.#fresh;
    this.#fresh = new Set();
  }

  #announceAll(): void {
    this.#announceTaken();
    this.#announceTaken();
  }

  #broadcast(gone: boolean): void {
    this.#tell({ gateway: this.#gateway, gone });
  }

  #tell(alive: Alive): void {
    const { nc } = this.#bus;
    if (!nc.isClosed() && !nc.isDraining()) nc.publish(ALIVE_SUBJECT, encodeAlive(alive));
  }

  /** What comes after the last word is not sent: another gateway has been asked. */
  #reply(subject: string, answer: Answer): void {
    if (this.#state !== 'gone') this.#bus.outbox.publish(subject, encodeReply(answer));
  }
}

/** Resolves with `promise`, or when the time is over. */
async function within(timeMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.max(0, timeMs))));
  await Promise.race([promise, over]);
  clearTimeout(timer);
}

const TOO_LONG: Answer = {
  ok: false,
  kind: 'malformed',
  message: `a question has 1 to ${QUESTION_BYTES_MAX} bytes`,
};
const TOO_MANY: Answer = { ok: false, kind: 'unavailable', message: `${OPEN_MAX} questions are open already` };

/** A provider that throws is broken; the agent is told, and decides what it means for its task. */
const broken = (error: unknown): Answer => ({
  ok: false,
  kind: 'unavailable',
  message: `the gateway failed: ${error instanceof Error ? error.message.slice(0, QUOTE_CHARS_MAX) : 'unknown error'}`,
});
