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
import { type Seat, SlotSeat } from './calling/seat.ts';
import { Slots, type Waiter } from './calling/slots.ts';

/** The part of what waits, and of its bytes, that one role may have: tenants are whatever it names, and as many. */
export const ROLE_SHARE_MAX = 0.5;

/** Who answers. One whose questions only wait for a time gives back its `seat` meanwhile. */
export interface Answerer {
  ask(question: Question, signal: AbortSignal, seat: Seat): Promise<Answer>;
}

export interface AnsweringOptions {
  /** Calls that may be open at once. */
  concurrency: number;
  /** Questions that may wait for a call, for their turn at a provider, or between two calls. */
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
  /** Aborts when nobody wants to know any more, or its time is over. */
  readonly unwanted: AbortController;
  readonly answered: Promise<Answer>;
  readonly settle: (answer: Answer) => void;
  /** Of what waits, nothing else is kept: what is asked is a question, many times its bytes. */
  readonly bytes: Uint8Array;
  readonly waiter: Waiter;
  /** Ends its waiting. */
  timer: NodeJS.Timeout | undefined;
  askers: number;
}

/**
 * Answers questions with a provider: at most `concurrency` calls at once, roles and tenants in turn; one call per question
 * however often it is asked, recent answers again without a call. Failures are not kept: asking again may help.
 *
 * A question is its bytes until its call begins: they are a fraction of what it is as objects. The same question has
 * the same bytes; its ID is among them. Who asks in another's name joins nobody's question and gets nobody's answer.
 */
export class Answering {
  readonly #provider: Answerer;
  readonly #options: AnsweringOptions;
  readonly #slots: Slots;
  /** Questions that wait or are asked and somebody wants to know, by asker and digest. */
  readonly #open = new Map<string, Open>();
  readonly #all: Load = { count: 0, bytes: 0 };
  readonly #ofRole = new Map<string, Load>();
  readonly #answers: LRUCache<string, Answered>;

  constructor(provider: Answerer, options: AnsweringOptions) {
    this.#provider = provider;
    this.#options = options;
    this.#slots = new Slots(options.concurrency);
    this.#answers = new LRUCache({ max: options.cacheMax, maxSize: options.cacheBytesMax });
  }

  /** Questions that have no call open. */
  get waiting(): number {
    return this.#all.count - this.#slots.taken;
  }

  /** Tenants of which a question waits for a free call. */
  get waitingTenants(): number {
    return this.#slots.waitingTenants;
  }

  /** Bytes of all questions that wait or are asked. */
  get openBytes(): number {
    return this.#all.bytes;
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
      const message = this.#isFull(bytes.length, asker.role);
      if (message !== undefined) return Promise.resolve({ ok: false, kind: 'unavailable', message });
      open = this.#begin(key, asker, bytes);
    }
    return this.#join(open, gone);
  }

  /** Why one more question of so many bytes has no room, if it has none. */
  #isFull(bytes: number, role: string): string | undefined {
    const { concurrency, queueMax, queueBytesMax } = this.#options;
    const questionsMax = concurrency + queueMax;
    if (this.#all.count >= questionsMax) return `${this.waiting} questions are waiting already`;
    if (this.#all.bytes + bytes > queueBytesMax)
      return `${this.#all.bytes} bytes of questions are open already; at most ${queueBytesMax} may be`;
    const own = this.#ofRole.get(role);
    // A role always has room for one.
    if (own === undefined) return undefined;
    if (own.count >= questionsMax * ROLE_SHARE_MAX) return `${own.count} questions of ${role} are open already`;
    if (own.bytes + bytes > queueBytesMax * ROLE_SHARE_MAX)
      return `${own.bytes} bytes of questions of ${role} are open already; at most ${queueBytesMax * ROLE_SHARE_MAX} may be`;
    return undefined;
  }

  #begin(key: string, asker: Asker, bytes: Uint8Array): Open {
    const { promise: answered, resolve: settle } = Promise.withResolvers<Answer>();
    const { tenant, role } = asker;
    const open: Open = {
      key,
      asker,
      arrivedAt: performance.now(),
      unwanted: new AbortController(),
      answered,
      settle,
      // Not `slice()`: that of a Buffer is a view of the same memory.
      bytes: new Uint8Array(bytes),
      waiter: { tenant, role, start: () => this.#start(open) },
      timer: undefined,
      askers: 0,
    };
    this.#open.set(key, open);
    this.#load(open, 1);
    if (!this.#slots.request(open.waiter)) this.#endInTime(open);
    return open;
  }

  /** What waits is read for a moment, for its time alone. */
  #endInTime(open: Open): void {
    const question = decodeQuestion(open.bytes);
    const [leftMs, answer] = question ? [timeLeftMs(question, open), WAITED_TOO_LONG] : [0, MALFORMED];
    // Nobody keeps the question: not even what ends it.
    open.timer = setTimeout(() => this.#slots.withdraw(open.waiter) && this.#settled(open, answer), leftMs);
    open.timer.unref();
  }

  #load({ asker: { role }, bytes }: Open, questions: 1 | -1): void {
    const own = this.#ofRole.get(role) ?? { count: 0, bytes: 0 };
    for (const load of [this.#all, own]) {
      load.count += questions;
      load.bytes += questions * bytes.length;
    }
    if (own.count > 0) this.#ofRole.set(role, own);
    else this.#ofRole.delete(role);
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
    if (this.#slots.withdraw(open.waiter)) this.#settled(open, GONE);
  }

  /** Asks, now that there is a slot for it. */
  #start(open: Open): void {
    clearTimeout(open.timer);
    const seat = new SlotSeat(this.#slots, open.asker, () => readAgain(open.bytes));
    void this.#ask(open, seat)
      .catch(broken)
      .then((answer) => {
        this.#settled(open, answer);
        seat.rise();
      });
  }

  #settled(open: Open, answer: Answer): void {
    if (this.#open.get(open.key) === open) this.#open.delete(open.key);
    clearTimeout(open.timer);
    this.#load(open, -1);
    const size = answer.ok ? bytesOf(answer) : undefined;
    if (answer.ok && size !== undefined) this.#answers.set(open.key, answer, { size });
    open.settle(answer);
  }

  /** Not async: while it waits, nobody here holds the question. */
  #ask(open: Open, seat: Seat): Promise<Answer> {
    const question = decodeQuestion(open.bytes);
    const refusal = question === undefined ? MALFORMED : strangers(question, open.asker);
    if (question === undefined || refusal !== undefined) return Promise.resolve(refusal ?? MALFORMED);
    const startedAt = performance.now();
    const leftMs = timeLeftMs(question, open);
    const answer =
      leftMs <= 0
        ? Promise.resolve(WAITED_TOO_LONG)
        : this.#askProvider({ ...question, timeoutMs: leftMs }, open.unwanted, seat);
    return this.#told(answer, startedAt);
  }

  /** One controller and one timer for each question: signals that are made of others outlive it by far. */
  #askProvider(question: Question, unwanted: AbortController, seat: Seat): Promise<Answer> {
    const timer = setTimeout(() => unwanted.abort(TIME_IS_OVER), question.timeoutMs);
    timer.unref();
    const asked = this.#provider.ask(question, unwanted.signal, seat).catch(broken);
    return asked.finally(() => clearTimeout(timer));
  }

  async #told(asked: Promise<Answer>, startedAt: number): Promise<Answer> {
    const answer = await asked;
    this.#options.onAnswer?.(answer, performance.now() - startedAt);
    return answer;
  }
}

/** Questions that wait or are asked, and their bytes. */
interface Load {
  count: number;
  bytes: number;
}

/** What a question has waited counts against its time. */
function timeLeftMs({ timeoutMs, deadlineAt = Infinity }: Question, { arrivedAt }: Open): number {
  return Math.ceil(Math.min(timeoutMs - (performance.now() - arrivedAt), deadlineAt - Date.now()));
}

function strangers(question: Question, { tenant, role }: Asker): Answer | undefined {
  if (question.tenant === tenant && question.role === role) return undefined;
  return { ok: false, kind: 'unauthorised', message: `the question is not of ${role} of the tenant ${tenant}` };
}

function readAgain(bytes: Uint8Array): Question {
  const question = decodeQuestion(bytes);
  if (question === undefined) throw new Error('a question that was read before cannot be read any more');
  return question;
}

const CALLS_BOUNDS = { charsMax: ANSWER_BYTES_MAX, nodesMax: QUESTION_NODES_MAX, depthMax: JSON_DEPTH_MAX + 4 };

/** What an answer weighs in memory, roughly: two bytes a character, and the objects. Undefined if it cannot be sent. */
function bytesOf({ text, toolCalls, echo }: Answered): number | undefined {
  const calls = jsonSize([toolCalls, echo?.parts ?? []], CALLS_BOUNDS);
  return calls && 512 + 2 * (text.length + calls.chars) + 32 * calls.nodes;
}

const MALFORMED: Answer = { ok: false, kind: 'malformed', message: 'the question does not fit its schema' };
const GONE: Answer = { ok: false, kind: 'timeout', message: 'the question was aborted' };

const TIME_IS_OVER = new DOMException('the time is over', 'TimeoutError');

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
