import type { NatsConnection, Payload, PublishOptions } from '@nats-io/nats-core';

/** How long a publish that nobody waits for may stay behind. */
const LAZY_MS = 3;

/**
 * Gathers the publishes of one turn of the event loop into one write to the socket: the client flushes once per
 * microtask burst, which is a system call per message on a busy process. Acks wait for nothing and ride along with
 * the next write, or go after 3 ms; an ack lost with its process costs a redelivery that finds its step done (A3).
 *
 * While the connection is away everything is held: the client drops its write buffer when it dials again. What is held
 * does not grow with the time: a request is held for as long as somebody waits for its reply.
 */
export class Outbox {
  readonly #nc: NatsConnection;
  #messages: (() => void)[] = [];
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #lastLazy = 0;
  #isHeld = false;
  /** Requests that were made while the connection is away, by their reply subject. */
  readonly #held = new Map<string, () => void>();

  constructor(nc: NatsConnection) {
    this.#nc = nc;
  }

  /** Messages that wait to be handed to the client. */
  get size(): number {
    return this.#messages.length + this.#held.size;
  }

  publish(subject: string, payload: Payload, options?: PublishOptions): void {
    const send = () => this.#nc.publish(subject, payload, options);
    if (this.#isHeld && options?.reply !== undefined) return void this.#held.set(options.reply, send);
    this.#messages.push(send);
    if (!this.#scheduled) this.#schedule();
  }

  /** Only if the connection is there: for what says nothing once it is late. */
  publishNow(subject: string, payload: Payload): void {
    if (!this.#isHeld) this.publish(subject, payload);
  }

  /** Nobody waits for this reply any more: a request that is still held is not made. It is, or will be, made again. */
  forget(reply: string): void {
    this.#held.delete(reply);
  }

  publishLazily(subject: string, payload: Payload): void {
    this.#messages.push(() => this.#nc.publish(subject, payload));
    if (this.#scheduled) return;
    const now = performance.now();
    const isBusy = now - this.#lastLazy < LAZY_MS;
    this.#lastLazy = now;
    // On a quiet process nothing comes to ride along with, and waking up for a timer costs more than the write.
    if (isBusy) this.#timer ??= setTimeout(() => this.flush(), LAZY_MS);
    else this.#schedule();
  }

  /** The connection is lost: keeps what comes until {@link release}. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The connection is back. */
  release(): void {
    this.#isHeld = false;
    this.flush();
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Hands everything to the client now. A closed connection drops it: its messages are delivered again. */
  flush(): void {
    this.#scheduled = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHeld && !this.#nc.isClosed()) return;
    const messages = this.#messages;
    this.#messages = [];
    messages.push(...this.#held.values());
    this.#held.clear();
    if (this.#nc.isClosed()) return;
    for (const publish of messages) {
      try {
        publish();
      } catch {
        // The client refuses it (too large for this server, a connection that is draining): what waits for an answer
        // to it learns by its time-out, and what stands behind it is not to blame.
      }
    }
  }
}
