import type { Delivery, Mailbox, RoleDeclaration } from '@troupe/actor';
import { STREAMS } from '@troupe/contract';
import type { BrokerClock } from '../bus/broker-clock.ts';
import type { Bus } from '../bus/connect.ts';
import { consumersOf, PULL_BATCH_MAX } from '../broker/topology.ts';
import { Unreadable } from '../bus/unreadable.ts';
import { Capacity } from './capacity.ts';
import { PullConsumer } from './pull-consumer.ts';

const SOURCES: Record<string, Delivery['source']> = {
  [STREAMS.runs]: 'runs',
  [STREAMS.goals]: 'goals',
  [STREAMS.timers]: 'due',
};

/** A role's deliveries from all of its durable consumers: see {@link Mailbox}. */
export class NatsMailbox implements Mailbox {
  readonly #bus: Bus;
  readonly #streams: readonly string[];
  readonly #consumer: string;
  readonly #inHandMax: number;
  readonly #clock: BrokerClock;
  readonly #unreadable: Unreadable;
  #consumers: PullConsumer[] = [];

  /** `inHandMax`: deliveries in hand or on their way, over all consumers. */
  constructor(
    bus: Bus,
    role: RoleDeclaration,
    inHandMax: number,
    { clock, unreadable = new Unreadable() }: { clock: BrokerClock; unreadable?: Unreadable },
  ) {
    this.#bus = bus;
    this.#streams = consumersOf(role, { runs_days: 1, replicas: 1 }).map(({ stream }) => stream);
    this.#consumer = role.name;
    this.#inHandMax = inHandMax;
    this.#clock = clock;
    this.#unreadable = unreadable;
  }

  open(handler: (delivery: Delivery) => void): Promise<void> {
    const capacity = new Capacity(this.#inHandMax);
    // What is asked for counts as taken: together the consumers never ask for more than half.
    const part = Math.floor(this.#inHandMax / (2 * Math.max(1, this.#streams.length)));
    const batchMax = Math.max(1, Math.min(PULL_BATCH_MAX, part));
    const observed = (delivery: Delivery) => {
      this.#clock.observe(delivery.at);
      handler(delivery);
    };
    this.#consumers = this.#streams.map((stream) => {
      const source = SOURCES[stream] ?? 'runs';
      const options = {
        stream,
        consumer: this.#consumer,
        source,
        capacity,
        batchMax,
        clock: this.#clock,
        unreadable: this.#unreadable,
      };
      return new PullConsumer(this.#bus, options, observed);
    });
    for (const consumer of this.#consumers) consumer.start();
    return Promise.resolve();
  }

  /** Whether every consumer is served. */
  get isAlive(): boolean {
    return this.#consumers.length > 0 && this.#consumers.every(({ isAlive }) => isAlive);
  }

  lost(): void {
    for (const consumer of this.#consumers) consumer.lost();
  }

  /** Pull requests die with the connection's server: ask again. */
  reconnected(): void {
    for (const consumer of this.#consumers) consumer.restart();
  }

  async stopPulling(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
  }
}
