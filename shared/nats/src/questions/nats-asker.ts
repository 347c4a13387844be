import { hash } from 'node:crypto';
import { type Answer, type ModelRecord, type Question, subjects } from '@troupe/contract';
import { type AgentQuestion, type PerformContext, type Performer, TransientError } from '@troupe/actor';
import type { Msg, Subscription } from '@nats-io/nats-core';
import { ALIVE_SUBJECT, takenSubject } from '../broker/access.ts';
import type { Bus } from '../bus/connect.ts';
import { listen } from '../bus/listen.ts';
import { ReplyInbox } from '../bus/reply-inbox.ts';
import { type ReportUnreadable, Unreadable } from '../bus/unreadable.ts';
import {
  decodeAlive,
  decodeReply,
  decodeTaken,
  digestOf,
  encodeQuestion,
  GATEWAY_DEAD_MS,
  UNREADABLE_REPLIES_MAX,
  UNTAKEN_MS,
} from './asking-wire.ts';

interface Open {
  /** Where its replies come; set as soon as it is known. */
  reply: string;
  /** Encoded again if it has to be asked again: its strings are the actor's own, its bytes would be a copy. */
  question: Question;
  digest: string;
  gateway: string | undefined;
  askedAt: number;
  giveUpAt: number;
  unreadableReplies: number;
  signal: AbortSignal;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export interface NatsAskerOptions {
  /** Unix ms by the broker's clock, which deadlines are told in. */
  now?: () => number;
  /** Told at most once a minute of replies and broadcasts that could not be read. */
  onUnreadable?: ReportUnreadable;
}

const SWEEP_MS = 250;
const NO_RESPONDERS = 503;
const SHUTTING_DOWN = 'this process is shutting down';

/** Asks `llm-gateway` over NATS and waits, for as long as the question allows and a gateway lives. */
export class NatsAsker implements Performer<AgentQuestion, Answer> {
  readonly #bus: Bus;
  readonly #now: () => number;
  readonly #unreadable: Unreadable;
  readonly #inbox: ReplyInbox<Open>;
  readonly #alive: Subscription;
  readonly #taken: Subscription;
  /** When gateways that took questions of this process were last heard (ms, monotonic). Others are not remembered. */
  readonly #seen = new Map<string, number>();
  /** Signals that are listened to: one listener each, however many questions it may end. */
  readonly #signals = new WeakSet<AbortSignal>();
  readonly #timer: NodeJS.Timeout;
  #isAway = false;

  constructor(bus: Bus, { now = Date.now, onUnreadable }: NatsAskerOptions = {}) {
    this.#bus = bus;
    this.#now = now;
    this.#unreadable = new Unreadable(onUnreadable);
    this.#inbox = new ReplyInbox(bus, (open, message) => this.#heard(open, message), this.#unreadable);
    this.#alive = listen(bus, ALIVE_SUBJECT, this.#unreadable, (message) => this.#heardAlive(message));
    this.#taken = listen(bus, takenSubject(bus.name), this.#unreadable, (message) => this.#heardTaken(message));
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Replies and broadcasts that were ignored because they could not be read. */
  get unreadable(): number {
    return this.#unreadable.count;
  }

  /**
   * Resolves with the answer, or with a `timeout` when the question's or the run's time is over. Rejects with
   * TransientError when the process stops: nothing is settled after that.
   */
  async perform(question: AgentQuestion, context: PerformContext): Promise<{ answer: Answer; model: ModelRecord }> {
    if (context.signal.aborted) throw new TransientError(SHUTTING_DOWN);
    const { tenant, run } = context.input;
    const whole = { ...question, id: context.id, tenant, run, role: this.#bus.name };
    const encoded = fitted(whole);
    if (encoded === undefined) return neverAsked(whole);
    const { question: asked, bytes } = encoded;
    const now = this.#now();
    const giveUpAt = now + Math.max(1, Math.min(question.timeoutMs, question.deadlineAt - now));
    const digest = digestOf(bytes);
    const answer = await this.#ask({ question: asked, digest, giveUpAt, signal: context.signal }, bytes);
    return { answer, model: { question: digest, answer } };
  }

  recall(record: ModelRecord): Answer {
    return record.answer;
  }

  /** The connection is lost. What is asked meanwhile is only remembered: held bytes would pile up by the second. */
  lost(): void {
    this.#isAway = true;
  }

  /** Answers that came while the connection was away are lost: asks again, and the gateway joins or remembers. */
  reconnected(): void {
    this.#isAway = false;
    // While the connection was away nobody could be heard.
    for (const gateway of this.#seen.keys()) this.#seen.set(gateway, performance.now());
    for (const [, open] of this.#inbox) this.#askAgain(open);
  }

  /** Who has the question has not lost it: another gateway would pay for it a second time. */
  #askAgain(open: Open): void {
    const isKnown = open.gateway !== undefined && this.#seen.has(open.gateway);
    this.#publish(open, encodeQuestion(open.question), isKnown ? open.gateway : undefined);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#inbox.close();
    this.#alive.unsubscribe();
    this.#taken.unsubscribe();
  }

  #ask(ask: Pick<Open, 'question' | 'digest' | 'giveUpAt' | 'signal'>, bytes: Uint8Array): Promise<Answer> {
    const { promise: answered, resolve, reject } = Promise.withResolvers<Answer>();
    const open: Open = {
      ...ask,
      reply: '',
      gateway: undefined,
      askedAt: 0,
      unreadableReplies: 0,
      resolve,
      reject,
    };
    open.reply = this.#inbox.add(open);
    this.#watch(ask.signal);
    this.#publish(open, bytes);
    return answered;
  }

  /** Asks any gateway, in the name of the run's tenant, or the one that has the question. */
  #publish(open: Open, bytes: Uint8Array, gateway?: string): void {
    open.askedAt = performance.now();
    open.gateway = gateway;
    if (this.#isAway) return;
    const { tenant, role } = open.question;
    const subject = gateway === undefined ? subjects.ask(tenant, role) : subjects.askAgain(gateway, tenant, role);
    this.#bus.outbox.publish(subject, bytes, { reply: open.reply });
  }

  #heard(open: Open, message: Msg): void {
    // Nobody listens just now; the sweep asks again.
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS) return;
    const answer = decodeReply(message.data);
    if (answer === undefined) return this.#ignore(open, message);
    this.#settle(open, answer);
  }

  #heardTaken({ subject, data }: Msg): void {
    const taken = decodeTaken(data);
    if (taken === undefined) return this.#unreadable.ignore(subject, `${data.length} bytes say nothing of questions`);
    const digests = new Set(taken.questions);
    for (const [, open] of this.#inbox) {
      if (!digests.has(open.digest)) continue;
      open.gateway = taken.gateway;
      this.#seen.set(taken.gateway, performance.now());
    }
  }

  /**
   * An unreadable reply says nothing of the model, so it is no answer. But it was the one that the broker lets through:
   * the next sweep asks again, and the gateway joins or remembers.
   */
  #ignore(open: Open, { subject, data }: Msg): void {
    this.#unreadable.ignore(subject, `a reply of ${data.length} bytes is none`);
    open.unreadableReplies += 1;
    if (open.unreadableReplies > UNREADABLE_REPLIES_MAX) return this.#settle(open, UNREADABLE);
    open.gateway = undefined;
    open.askedAt = Number.NEGATIVE_INFINITY;
  }

  #settle(open: Open, answer: Answer): void {
    if (this.#inbox.remove(open.reply)) open.resolve(answer);
  }

  #heardAlive({ subject, data }: Msg): void {
    const alive = decodeAlive(data);
    if (alive === undefined) return this.#unreadable.ignore(subject, `a broadcast of ${data.length} bytes is none`);
    const { gateway, gone, now } = alive;
    if (!this.#seen.has(gateway)) return;
    if (!gone) this.#seen.set(gateway, performance.now());
    else if (this.#seen.delete(gateway)) this.#askOf(gateway, now);
  }

  /** A gateway says that it goes, or has another name now: what it has not answered is asked again at once. */
  #askOf(gone: string, now: string | undefined): void {
    if (now !== undefined) this.#seen.set(now, performance.now());
    for (const [, open] of this.#inbox) {
      if (open.gateway === gone) this.#publish(open, encodeQuestion(open.question), now);
    }
  }

  /** One listener per signal: a signal's list of listeners is searched from its start for each that is added. */
  #watch(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    signal.addEventListener('abort', () => this.#drop(signal), { once: true });
  }

  #drop(signal: AbortSignal): void {
    for (const [reply, open] of this.#inbox) {
      if (open.signal === signal && this.#inbox.remove(reply)) open.reject(new TransientError(SHUTTING_DOWN));
    }
  }

  /** Tells a slow model (its gateway is alive) from a dead gateway (ask another). */
  #sweep(): void {
    const now = performance.now();
    const wallclock = this.#now();
    for (const [, open] of this.#inbox) {
      if (wallclock >= open.giveUpAt) {
        this.#settle(open, { ok: false, kind: 'timeout', message: 'no answer within the time allowed' });
      } else if (this.#isAway) {
        continue;
      } else if (open.gateway === undefined ? now - open.askedAt > UNTAKEN_MS : this.#isDead(open.gateway, now)) {
        this.#publish(open, encodeQuestion(open.question));
      }
    }
    for (const [gateway, seen] of this.#seen) if (now - seen > GATEWAY_DEAD_MS * 10) this.#seen.delete(gateway);
  }

  #isDead(gateway: string, now: number): boolean {
    return now - (this.#seen.get(gateway) ?? 0) > GATEWAY_DEAD_MS;
  }
}

/** Each time that it is asked again is paid again. */
const UNREADABLE: Answer = { ok: false, kind: 'malformed', message: 'the gateway sent no reply that can be read' };

/**
 * A question and its bytes, or undefined if it is longer than any gateway would read. Facts say the prompt again, for
 * providers that are no models: a question that is too long with them goes without.
 */
function fitted(question: Question): { question: Question; bytes: Uint8Array } | undefined {
  const { facts: _, ...prompt } = question;
  for (const candidate of [question, prompt]) {
    try {
      return { question: candidate, bytes: encodeQuestion(candidate) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return undefined;
}

/** A prompt that is too long is too long each time: an answer that says so, not an error that is tried again. */
function neverAsked({ id }: Question): { answer: Answer; model: ModelRecord } {
  const answer: Answer = { ok: false, kind: 'rejected', message: 'the question is longer than a gateway reads' };
  return { answer, model: { question: hash('sha256', id, 'hex'), answer } };
}
