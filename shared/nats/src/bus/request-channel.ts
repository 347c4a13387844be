import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import { TransientError } from '@troupe/actor';
import { type Bus, inboxOf } from './connect.ts';

interface Waiting {
  resolve(message: Msg): void;
  reject(error: Error): void;
  since: number;
}

const SWEEP_MS = 500;

/**
 * Requests with one reply each over one inbox subscription: no subscription, timer or mux entry per request. This is
 * the acknowledgement reader of the hot path; `nc.request` costs several times as much CPU (README, Speed).
 */
export class RequestChannel {
  readonly #bus: Bus;
  readonly #prefix: string;
  readonly #waiting = new Map<string, Waiting>();
  readonly #timer: NodeJS.Timeout;
  readonly #timeoutMs: number;
  #next = 0;

  constructor(bus: Bus, timeoutMs: number) {
    this.#bus = bus;
    this.#timeoutMs = timeoutMs;
    this.#prefix = `${inboxOf(bus)}.`;
    bus.nc.subscribe(`${this.#prefix}*`, { callback: (error, message) => this.#arrived(error, message) });
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Resolves with the reply. Rejects with TransientError when none comes, or when nobody listens. */
  request(subject: string, payload: Uint8Array | string, headers?: MsgHdrs): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const token = (this.#next++).toString(36);
      this.#waiting.set(token, { resolve, reject, since: performance.now() });
      const reply = this.#prefix + token;
      this.#bus.outbox.publish(subject, payload, headers === undefined ? { reply } : { reply, headers });
    });
  }

  /**
   * Everything that is open has an unknown outcome: call it when the connection is lost. What is asked from then on is
   * held by the outbox until it is back.
   */
  rejectAll(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new TransientError(reason));
    this.#waiting.clear();
  }

  close(): void {
    clearInterval(this.#timer);
    this.rejectAll('the connection was closed');
  }

  #arrived(error: Error | null, message: Msg): void {
    if (error !== null) return;
    const token = message.subject.slice(this.#prefix.length);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    this.#waiting.delete(token);
    if (message.data.length === 0 && message.headers?.code === 503)
      waiting.reject(new TransientError('nobody listens on that subject'));
    else waiting.resolve(message);
  }

  #sweep(): void {
    const oldest = performance.now() - this.#timeoutMs;
    // Insertion order is age order: the first young one ends the sweep.
    for (const [token, { since, reject }] of this.#waiting) {
      if (since > oldest) return;
      this.#waiting.delete(token);
      reject(new TransientError(`no reply within ${this.#timeoutMs} ms`));
    }
  }
}
