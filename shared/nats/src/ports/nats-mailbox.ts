import { STREAMS } from '@troupe/contract';
import type { Delivery, Mailbox, RoleDeclaration } from '@troupe/actor';
import type { Bus } from '../bus/connect.ts';
import { PullConsumer } from './pull-consumer.ts';
import { consumersOf } from '../broker/topology.ts';

const SOURCES: Record<string, Delivery['source']> = {
  [STREAMS.runs]: 'runs',
  [STREAMS.goals]: 'goals',
  [STREAMS.timers]: 'due',
};
const BATCH_MAX = 512;

/** A role's deliveries from all of its durable consumers: see {@link Mailbox}. */
export class NatsMailbox implements Mailbox {
  readonly #consumers: PullConsumer[];

  constructor(bus: Bus, role: RoleDeclaration, inHandMax: number) {
    this.#consumers = consumersOf(role, { runs_days: 1, replicas: 1 }).map(
      ({ stream }) =>
        new PullConsumer(bus, {
          stream,
          consumer: role.name,
          source: SOURCES[stream] ?? 'runs',
          inHandMax,
          batchMax: Math.min(BATCH_MAX, inHandMax),
        }),
    );
  }

  open(handler: (delivery: Delivery) => void): Promise<void> {
    for (const consumer of this.#consumers) consumer.start(handler);
    return Promise.resolve();
  }

  /** Pull requests die with the connection's server: ask again. */
  reconnected(): void {
    for (const consumer of this.#consumers) consumer.restart();
  }

  stopPulling(): Promise<void> {
    for (const consumer of this.#consumers) consumer.stop();
    return Promise.resolve();
  }
}
