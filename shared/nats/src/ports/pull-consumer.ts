import type { Msg, Subscription } from '@nats-io/nats-core';
import type { Delivery } from '@troupe/actor';
import { readAckSubject } from '../bus/ack-subject.ts';
import { type Bus, inboxOf } from '../bus/connect.ts';

const encoder = new TextEncoder();
const ACK = encoder.encode('+ACK');
const TERM = encoder.encode('+TERM');
const WORKING = encoder.encode('+WPI');

const EXPIRES_MS = 20_000;
const HEARTBEAT_MS = 2_000;

export interface PullOptions {
  stream: string;
  consumer: string;
  source: Delivery['source'];
  /** Messages asked for but not settled, at most. */
  inHandMax: number;
  /** Messages of one pull request, at most. */
  batchMax: number;
}

/**
 * Pulls from one durable consumer: keeps up to half a batch asked for ahead, never more than `inHandMax` unsettled,
 * notices a silent server by missed heartbeats and starts over. One subscription, no object per pull.
 */
export class PullConsumer {
  readonly #bus: Bus;
  readonly #options: PullOptions;
  readonly #inbox: string;
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;
  #unsettled = 0;
  #lastSeen = 0;
  #generation = 0;

  constructor(bus: Bus, options: PullOptions) {
    this.#bus = bus;
    this.#options = options;
    this.#inbox = inboxOf(bus);
  }

  start(handler: (delivery: Delivery) => void): void {
    this.#subscription = this.#bus.nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#arrived(message, handler);
      },
    });
    this.#timer = setInterval(() => this.#watch(), HEARTBEAT_MS);
    this.restart();
  }

  /** Forgets what was asked for and asks again: after a reconnect, or when the server has gone silent. */
  restart(): void {
    if (this.#subscription === undefined) return;
    this.#generation += 1;
    this.#asked = 0;
    this.#lastSeen = performance.now();
    this.#pull();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  #watch(): void {
    if (performance.now() - this.#lastSeen > HEARTBEAT_MS * 2.5) this.restart();
  }

  #pull(): void {
    const { stream, consumer, inHandMax, batchMax } = this.#options;
    const batch = Math.min(batchMax - this.#asked, inHandMax - this.#unsettled - this.#asked);
    // Asking for a few at a time would cost a request per message; wait until half a batch is free.
    if (this.#subscription === undefined || batch <= 0 || (batch < batchMax / 2 && this.#asked > 0)) return;
    this.#asked += batch;
    const request = { batch, expires: EXPIRES_MS * 1_000_000, idle_heartbeat: HEARTBEAT_MS * 1_000_000 };
    this.#bus.outbox.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: `${this.#inbox}.${this.#generation}`,
    });
  }

  #arrived(message: Msg, handler: (delivery: Delivery) => void): void {
    this.#lastSeen = performance.now();
    const info = message.reply === undefined ? undefined : readAckSubject(message.reply);
    if (info === undefined || message.reply === undefined) return this.#status(message);
    this.#asked = Math.max(0, this.#asked - 1);
    this.#unsettled += 1;
    handler(this.#delivery(message, message.reply, info));
    this.#pull();
  }

  /** Status messages: 100 is a heartbeat; all others end a pull request and say how much of it was left. */
  #status(message: Msg): void {
    const code = message.headers?.code;
    if (code === undefined || code === 100) return;
    if (!message.subject.endsWith(`.${this.#generation}`)) return;
    const left = Number(message.headers?.get('Nats-Pending-Messages') ?? '');
    this.#asked = left > 0 ? Math.max(0, this.#asked - left) : 0;
    if (code === 404 || code === 408) return this.#pull();
    // No consumer, no leader, nobody listens: ask again after a moment, not in a loop.
    setTimeout(() => this.restart(), HEARTBEAT_MS / 4).unref();
  }

  #delivery(message: Msg, reply: string, info: { deliveries: number; seq: number; at: number }): Delivery {
    const settle = (payload: Uint8Array | string) => {
      this.#unsettled -= 1;
      this.#bus.outbox.publishLazily(reply, payload);
      this.#pull();
    };
    return {
      source: this.#options.source,
      subject: message.subject,
      // A copy: the original is a view that keeps the whole socket read alive for as long as the work takes.
      bytes: message.data.slice(),
      ...info,
      ack: () => settle(ACK),
      retry: (delayMs) => settle(delayMs > 0 ? `-NAK {"delay":${Math.round(delayMs * 1e6)}}` : '-NAK'),
      reject: () => settle(TERM),
      working: () => this.#bus.outbox.publish(reply, WORKING),
    };
  }
}
