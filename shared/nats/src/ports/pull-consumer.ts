import type { Msg, Subscription } from '@nats-io/nats-core';
import type { Delivery } from '@troupe/actor';
import { ACK_WAIT_MS } from '../broker/topology.ts';
import { readAckSubject } from '../bus/ack-subject.ts';
import type { BrokerClock } from '../bus/broker-clock.ts';
import { type Bus, inboxOf } from '../bus/connect.ts';
import { listen } from '../bus/listen.ts';
import type { Unreadable } from '../bus/unreadable.ts';
import type { Allowance, Asker } from './capacity.ts';
import { LostDeliveries } from './lost-deliveries.ts';
import { NAK, PulledDelivery } from './pulled-delivery.ts';

/** A replica that hangs leaves its open requests behind: for this long they take messages that nobody handles. */
const EXPIRES_MS = 5_000;
const HEARTBEAT_MS = 2_000;
/** Pull requests for one message each that are kept open while every message may be an empty one. */
const SINGLES = 8;
/** How long a consumer on which an empty message came asks for its messages one by one. */
const CAREFUL_MS = 600_000;
/** A connection that is away must not hold up the end of the process. */
const FLUSH_MS_MAX = 1_000;
/** Half of the ack wait: nobody else can have been given what was stored since. */
const FRESH_MS_MAX = ACK_WAIT_MS / 2;
/** While deliveries are missing: a heartbeat says which. */
const SEARCH_HEARTBEAT_MS = 250;
/** Enough to read what waits in the socket. */
const READ_FIRST_MS = 250;
/** Part of a batch that may still be open when the next one is asked for. */
const ASK_AGAIN_BELOW = 1 / 8;
/** Silence after which the server, or this pull, is taken for dead. */
const SILENCE_MS_MAX = HEARTBEAT_MS * 2.5;

export interface PullOptions {
  stream: string;
  consumer: string;
  source: Delivery['source'];
  /** What it may ask for, beside the other consumers of the process. */
  capacity: Allowance;
  /** Messages of one pull request, at most. */
  batchMax: number;
  clock: BrokerClock;
  unreadable: Unreadable;
  /** A message came, or none did for as long as a request lasts. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Messages from this sequence on, that were delivered, may come again: within so many ms, if they are asked for. */
  onAgain?: ((seq: number, withinMs: number) => void) | undefined;
}

/** How far the consumer has come. */
export interface Progress {
  /** Messages that wait behind the one that came. */
  pending: number;
  /** The sequence of the one that came. */
  seq?: number;
  /** How often it was delivered, with this time. */
  deliveries?: number;
}

/**
 * Pulls from one durable consumer: asks again before a batch is used up, never for more than the capacity leaves free,
 * notices a silent server by missed heartbeats and starts over. One subscription, no object per pull.
 *
 * An empty message is taken for the end of the replies on its way through a service import: what the same request
 * would still have brought is lost until its ack wait. So what was lost with the first one is asked for again
 * ({@link LostDeliveries}), and for a while each message is asked for by itself: an empty one ends its own request only.
 */
export class PullConsumer implements Asker {
  readonly #bus: Bus;
  readonly #options: PullOptions;
  readonly #handler: (delivery: Delivery) => void;
  #inbox: string;
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;
  /** Sequences in hand: a redelivery of one of them is one message, whichever handle settles it. */
  readonly #unsettled = new Set<number>();
  #lastSeen = 0;
  #isWell = false;
  /** Unix ms by the broker since when this very consumer serves without a break; Infinity while that is not known. */
  #servedSince = Infinity;
  #isLost = false;
  #generation = 0;
  #requests = 0;
  #carefulUntil = 0;
  readonly #lost = new LostDeliveries();

  constructor(bus: Bus, options: PullOptions, handler: (delivery: Delivery) => void) {
    this.#bus = bus;
    this.#options = options;
    this.#handler = handler;
    this.#inbox = inboxOf(bus);
    options.capacity.add(this);
  }

  taken(): number {
    return this.#asked + this.#unsettled.size;
  }

  holds(before: number): boolean {
    for (const seq of this.#unsettled) if (seq < before) return true;
    return false;
  }

  /** Whether the server answers its pulls, or it asks for nothing: it has so much in hand, or is stopped. */
  get isAlive(): boolean {
    if (this.#subscription === undefined) return true;
    const isFull = this.#asked === 0 && this.#options.capacity.free(this) <= 0;
    return isFull || (this.#isWell && performance.now() - this.#lastSeen < SILENCE_MS_MAX + HEARTBEAT_MS);
  }

  /** Pulls from now on, if it does not already. */
  start(): void {
    if (this.#subscription !== undefined) return;
    this.#inbox = inboxOf(this.#bus);
    this.#doubt();
    this.#subscribe();
    this.#timer = setInterval(() => this.#watch(), HEARTBEAT_MS);
    this.restart();
  }

  ask(): void {
    this.#pull();
  }

  /** The connection is away: asks for nothing until {@link restart}. */
  lost(): void {
    this.#isLost = true;
    this.#doubt();
  }

  /** Forgets what was asked for and asks again: after a reconnect, or when the server has gone silent. */
  restart(): void {
    if (this.#subscription === undefined) return;
    this.#isLost = false;
    this.#generation += 1;
    this.#asked = 0;
    this.#lastSeen = performance.now();
    // What was on its way is lost until then.
    this.#options.onAgain?.(0, ACK_WAIT_MS);
    this.#pull();
  }

  /**
   * Asks for nothing more, and hands on what was on its way: it resolves when nothing can come any more. It may be started
   * again.
   */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#asked = 0;
    this.#lost.forget();
    if (subscription === undefined || this.#bus.nc.isClosed()) return;
    // A request that is on its way is known to the server first: whose inbox has gone by then would be kept, and fed.
    await answeredWithin(FLUSH_MS_MAX, this.#bus);
    await subscription.drain().catch(() => undefined);
  }

  #subscribe(): void {
    const { unreadable } = this.#options;
    this.#subscription = listen(this.#bus, `${this.#inbox}.*`, unreadable, (message) => this.#arrived(message));
  }

  #watch(): void {
    if (this.#isLost || this.#bus.nc.isClosed()) return;
    const seen = this.#lastSeen;
    if (performance.now() - seen <= SILENCE_MS_MAX) return;
    // A process that stood still finds its timers due before it reads what has come meanwhile: read first.
    setTimeout(() => {
      if (this.#lastSeen === seen) this.#renew();
    }, READ_FIRST_MS).unref();
  }

  /**
   * Leaves the inbox for a new one: without anybody listening the server gives up what is still asked for there, which
   * might otherwise swallow deliveries until their ack wait.
   */
  #renew(): void {
    if (this.#subscription === undefined) return;
    this.#doubt();
    this.#subscription.unsubscribe();
    this.#inbox = inboxOf(this.#bus);
    this.#subscribe();
    this.restart();
  }

  /** The consumer may have gone, and the next one may begin at the beginning. */
  #doubt(): void {
    this.#isWell = false;
    this.#servedSince = Infinity;
  }

  #pull(): void {
    const { capacity, batchMax } = this.#options;
    if (this.#subscription === undefined || this.#isLost) return;
    // Nobody would have said that the consumer went while nothing was asked for.
    if (this.#asked === 0) this.#servedSince = Infinity;
    if (performance.now() < this.#carefulUntil) {
      const singles = Math.min(SINGLES - this.#asked, batchMax - this.#asked, capacity.claim(this));
      for (let index = 0; index < singles; index += 1) this.#request(1);
      return;
    }
    // Asking for a few at a time would cost a request per message; and the broker goes round its requests, so that who
    // has many of them gets more of the messages than a process that has just begun: two at most.
    if (this.#asked > batchMax * ASK_AGAIN_BELOW) return;
    const batch = Math.min(batchMax - this.#asked, capacity.claim(this));
    if (batch <= 0 || (batch < batchMax / 2 && this.#asked > 0)) return;
    this.#request(batch);
  }

  #request(batch: number): void {
    const { stream, consumer } = this.#options;
    this.#asked += batch;
    this.#requests += 1;
    const heartbeatMs = this.#lost.isSearching ? SEARCH_HEARTBEAT_MS : HEARTBEAT_MS;
    const request = { batch, expires: EXPIRES_MS * 1_000_000, idle_heartbeat: heartbeatMs * 1_000_000 };
    this.#bus.outbox.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: `${this.#inbox}.${this.#generation}-${this.#requests}`,
    });
  }

  #arrived(message: Msg): void {
    this.#lastSeen = performance.now();
    const info = message.reply === undefined ? undefined : readAckSubject(message.reply);
    if (info === undefined || message.reply === undefined) return this.#status(message);
    this.#isWell = true;
    this.#asked = Math.max(0, this.#asked - 1);
    this.#unsettled.add(info.seq);
    if (info.deliveries === 1) this.#recover(info.seq);
    const { clock, onProgress } = this.#options;
    onProgress?.(info);
    if (this.#servedSince === Infinity) this.#servedSince = clock.now() + clock.errorMs;
    const { source, stream } = this.#options;
    this.#handler(new PulledDelivery(this, { source, stream }, message, { ...info, isFresh: this.#isFresh(info.at) }));
    if (message.data.length > 0 || performance.now() < this.#carefulUntil) return this.#pull();
    this.#carefulUntil = performance.now() + CAREFUL_MS;
    this.#lost.cutOff(info.seq, message.reply);
    this.#renew();
  }

  /** A process that stood still reads late what another one has long been given again. */
  #isFresh(at: number): boolean {
    return at > this.#servedSince && this.#options.clock.now() - at < FRESH_MS_MAX;
  }

  /** Everything up to the sequence `end` was delivered, somewhere. */
  #recover(end: number): void {
    if (!this.#lost.isSearching) return;
    for (const subject of this.#lost.found(end, (seq) => this.#unsettled.has(seq))) {
      this.#bus.outbox.publish(subject, NAK);
    }
  }

  /** Status messages: 100 is a heartbeat; all others end a pull request and say how much of it was left. */
  #status(message: Msg): void {
    const code = message.headers?.code;
    if (!message.subject.startsWith(`${this.#inbox}.${this.#generation}-`)) return;
    if (code === 100) {
      this.#isWell = true;
      this.#recover(Number(message.headers?.get('Nats-Last-Stream') ?? ''));
    }
    if (code === undefined || code === 100) return;
    const left = Number(message.headers?.get('Nats-Pending-Messages') ?? '');
    this.#asked = left > 0 ? Math.max(0, this.#asked - left) : 0;
    if (code === 404 || code === 408) {
      this.#isWell = true;
      this.#options.onProgress?.({ pending: 0 });
      return this.#pull();
    }
    // No consumer, no leader, nobody listens: ask again after a moment, not in a loop.
    this.#doubt();
    setTimeout(() => this.restart(), HEARTBEAT_MS / 4).unref();
  }

  /** Takes one out of those in hand, and says what becomes of it. */
  settle(seq: number, reply: string, outcome: Uint8Array | string, againMs?: number): void {
    this.#unsettled.delete(seq);
    if (againMs !== undefined) this.#options.onAgain?.(seq, againMs);
    this.#bus.outbox.publishLazily(reply, outcome);
    this.#pull();
  }

  keepAlive(reply: string, sign: Uint8Array): void {
    this.#bus.outbox.publishNow(reply, sign);
  }
}

/** The server has taken in what was sent, or the time is over. */
async function answeredWithin(timeMs: number, bus: Bus): Promise<void> {
  bus.outbox.flush();
  const over = new Promise<void>((resolve) => setTimeout(resolve, timeMs).unref());
  await Promise.race([bus.nc.flush().catch(() => undefined), over]);
}
