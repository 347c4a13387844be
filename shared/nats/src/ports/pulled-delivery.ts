import type { Msg } from '@nats-io/nats-core';
import type { Delivery } from '@troupe/actor';
import type { DeliveryInfo } from '../bus/ack-subject.ts';

const encoder = new TextEncoder();
export const NAK = encoder.encode('-NAK');
const ACK = encoder.encode('+ACK');
const TERM = encoder.encode('+TERM');
const WORKING = encoder.encode('+WPI');

/** Who is told what becomes of a delivery. */
export interface Settler {
  /** `againMs`: it is given back, and comes again after so long. */
  settle(seq: number, reply: string, outcome: Uint8Array | string, againMs?: number): void;
  keepAlive(reply: string, sign: Uint8Array): void;
}

/** A message that was pulled, see {@link Delivery}. A class, because there are thousands per second: no closure per way to settle it. */
export class PulledDelivery implements Delivery {
  readonly source: Delivery['source'];
  readonly stream: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly seq: number;
  readonly deliveries: number;
  readonly at: number;
  readonly isFresh: boolean;
  readonly #settler: Settler;
  readonly #reply: string;

  constructor(
    settler: Settler,
    from: Pick<Delivery, 'source' | 'stream'>,
    message: Msg,
    info: DeliveryInfo & { isFresh: boolean },
  ) {
    this.source = from.source;
    this.stream = from.stream;
    this.subject = message.subject;
    // A copy: the original is a view that keeps the whole socket read alive for as long as the work takes. So would a
    // Buffer, which is a view of a pool of 64 KB.
    this.bytes = new Uint8Array(message.data);
    this.seq = info.seq;
    this.deliveries = info.deliveries;
    this.at = info.at;
    this.isFresh = info.isFresh;
    this.#settler = settler;
    this.#reply = message.reply ?? '';
  }

  ack(): void {
    this.#settler.settle(this.seq, this.#reply, ACK);
  }

  retry(delayMs: number): void {
    const outcome = delayMs > 0 ? `-NAK {"delay":${Math.round(delayMs * 1e6)}}` : NAK;
    this.#settler.settle(this.seq, this.#reply, outcome, delayMs);
  }

  reject(): void {
    this.#settler.settle(this.seq, this.#reply, TERM);
  }

  working(): void {
    this.#settler.keepAlive(this.#reply, WORKING);
  }
}
