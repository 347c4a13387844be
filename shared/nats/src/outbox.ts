import type { NatsConnection, Payload, PublishOptions } from '@nats-io/nats-core';

/** How long a publish that nobody waits for may stay behind. */
const LAZY_MS = 3;

/**
 * Gathers the publishes of one turn of the event loop into one write to the socket: the client flushes once per
 * microtask burst, which is a system call per message on a busy process. Acks wait for nothing and ride along with
 * the next write, or go after 3 ms; an ack lost with its process costs a redelivery that finds its step done (A3).
 */
export class Outbox {
  readonly #nc: NatsConnection;
  #messages: (() => void)[] = [];
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(nc: NatsConnection) {
    this.#nc = nc;
  }

  publish(subject: string, payload: Payload, options?: PublishOptions): void {
    this.#messages.push(() => this.#nc.publish(subject, payload, options));
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  publishLazily(subject: string, payload: Payload): void {
    this.#messages.push(() => this.#nc.publish(subject, payload));
    if (!this.#scheduled) this.#timer ??= setTimeout(() => this.flush(), LAZY_MS);
  }

  /** Hands everything to the client now. A closed connection drops it: its messages are delivered again. */
  flush(): void {
    this.#scheduled = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const messages = this.#messages;
    this.#messages = [];
    if (this.#nc.isClosed()) return;
    for (const publish of messages) publish();
  }
}
