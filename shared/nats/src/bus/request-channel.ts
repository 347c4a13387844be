import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import { AwayError } from './away-error.ts';
import type { Bus } from './connect.ts';
import { ReplyInbox } from './reply-inbox.ts';

/** Who can be asked. */
export type Requests = Pick<RequestChannel, 'request'>;

interface Waiting {
  reply: string;
  resolve(message: Msg): void;
  reject(error: Error): void;
  since: number;
}

const SWEEP_MS = 500;
const NO_RESPONDERS = 503;

/**
 * Requests with one reply each over one inbox subscription: no subscription, timer or mux entry per request. This is
 * the acknowledgement reader of the hot path; `nc.request` costs several times as much CPU (README, Speed).
 */
export class RequestChannel {
  readonly #bus: Bus;
  readonly #inbox: ReplyInbox<Waiting>;
  readonly #timer: NodeJS.Timeout;
  readonly #timeoutMs: number;

  constructor(bus: Bus, timeoutMs: number) {
    this.#bus = bus;
    this.#timeoutMs = timeoutMs;
    this.#inbox = new ReplyInbox(bus, (waiting, message) => this.#heard(waiting, message));
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Resolves with the reply. Rejects with AwayError when none comes, or when nobody listens. */
  request(subject: string, payload: Uint8Array | string, headers?: MsgHdrs): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { reply: '', resolve, reject, since: performance.now() };
      waiting.reply = this.#inbox.add(waiting);
      const { reply } = waiting;
      this.#bus.outbox.publish(subject, payload, headers === undefined ? { reply } : { reply, headers });
    });
  }

  /**
   * Everything that is open has an unknown outcome: call it when the connection is lost. What is asked from then on is
   * held by the outbox until it is back.
   */
  rejectAll(reason: string): void {
    for (const { reply, reject } of this.#inbox.clear()) {
      this.#bus.outbox.forget(reply);
      reject(new AwayError(reason));
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.rejectAll('the connection was closed');
  }

  #heard({ reply, resolve, reject }: Waiting, message: Msg): void {
    this.#inbox.remove(reply);
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS)
      reject(new AwayError('nobody listens on that subject'));
    else resolve(message);
  }

  #sweep(): void {
    const oldest = performance.now() - this.#timeoutMs;
    // The order is that of age: the first young one ends the sweep.
    for (const [reply, { since, reject }] of this.#inbox) {
      if (since > oldest) return;
      this.#inbox.remove(reply);
      this.#bus.outbox.forget(reply);
      reject(new AwayError(`no reply within ${this.#timeoutMs} ms`));
    }
  }
}
