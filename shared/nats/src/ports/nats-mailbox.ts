import type { Delivery, Mailbox, RoleDeclaration } from '@troupe/actor';
import type { RunId, Token } from '@troupe/contract';
import { type Admission, GOALS_BATCH_MAX } from '../admission/admission.ts';
import type { Meter } from '../admission/delays.ts';
import type { Gate } from '../admission/gate.ts';
import type { BrokerClock } from '../bus/broker-clock.ts';
import type { Bus } from '../bus/connect.ts';
import { consumersOf, PULL_BATCH_MAX, type RoleConsumer } from '../broker/topology.ts';
import { Unreadable } from '../bus/unreadable.ts';
import { Capacity } from './capacity.ts';
import { type Progress, PullConsumer } from './pull-consumer.ts';
import { Replicas } from './replicas.ts';

interface NatsMailboxOptions {
  clock: BrokerClock;
  unreadable?: Unreadable;
  /** The version of the decider: replicas of two versions share everything. */
  build?: string;
  /** Is told how late messages are. */
  meter?: Meter;
  /** Says which goals are taken in; without it all are at once. */
  admission?: Admission | undefined;
}

/** A role's deliveries from all of its durable consumers: see {@link Mailbox}. */
export class NatsMailbox implements Mailbox {
  readonly #bus: Bus;
  readonly #sources: readonly RoleConsumer[];
  readonly #inHandMax: number;
  readonly #clock: BrokerClock;
  readonly #unreadable: Unreadable;
  readonly #replicas: Replicas;
  readonly #meter: Meter | undefined;
  readonly #admission: Admission | undefined;
  #consumers: { shard: number; gate: Gate | undefined; consumer: PullConsumer }[] = [];
  #state: 'new' | 'open' | 'stopped' = 'new';
  #isAway = false;

  /** `inHandMax`: deliveries in hand or on their way, over all consumers. */
  constructor(
    bus: Bus,
    role: RoleDeclaration,
    inHandMax: number,
    { clock, unreadable = new Unreadable(), build = '', meter, admission }: NatsMailboxOptions,
  ) {
    this.#bus = bus;
    this.#sources = consumersOf(bus.layout, role);
    this.#inHandMax = inHandMax;
    this.#clock = clock;
    this.#unreadable = unreadable;
    this.#meter = meter;
    this.#admission = admission;
    this.#replicas = new Replicas(bus, role.name, { build, unreadable, onChange: () => this.#settle() });
  }

  async open(handler: (delivery: Delivery) => void): Promise<void> {
    const capacity = new Capacity(this.#inHandMax);
    // What is asked for counts as taken: together the consumers never ask for more than half.
    const part = Math.floor(this.#inHandMax / (2 * Math.max(1, this.#sources.length)));
    const batchMax = Math.max(1, Math.min(PULL_BATCH_MAX, part));
    const observed = (delivery: Delivery) => {
      const { source, at, deliveries } = delivery;
      this.#clock.observe(at);
      if (source === 'runs' && deliveries === 1) this.#meter?.delivered(this.#clock.now() - at);
      handler(delivery);
    };
    this.#consumers = this.#sources.map(({ stream, source, shard, tenant, config }) => {
      const gate = tenant === undefined ? undefined : this.#admission?.gate(tenant, capacity);
      const options = {
        stream,
        consumer: config.durable_name,
        source,
        capacity: gate ?? capacity,
        batchMax: gate === undefined ? batchMax : Math.min(GOALS_BATCH_MAX, batchMax),
        clock: this.#clock,
        unreadable: this.#unreadable,
        onProgress: gate && ((progress: Progress) => gate.came(progress)),
        onAgain: gate && ((seq: number, withinMs: number) => gate.mayComeAgain(seq, withinMs)),
      };
      return { shard, gate, consumer: new PullConsumer(this.#bus, options, observed) };
    });
    await this.#replicas.start();
    // The process may have been told to stop meanwhile.
    if (this.#state === 'new') this.#state = 'open';
    this.#settle();
  }

  /** Pulls where this replica is at home, and nowhere else. */
  #settle(): void {
    // Nobody can be heard, and nothing asked for, while the connection is away.
    if (this.#state !== 'open' || this.#isAway || this.#bus.nc.isClosed()) return;
    const isHome = (run: RunId) => this.#replicas.isHomeOf(this.#bus.layout.shardOf(run));
    this.#admission?.settle(isHome, this.#replicas.isMixed);
    for (const { shard, gate, consumer } of this.#consumers) {
      if (this.#replicas.isHomeOf(shard)) {
        gate?.open();
        consumer.start();
      } else {
        gate?.close();
        void consumer.stop();
      }
    }
  }

  /** Whether every consumer is served that this replica is at home with. */
  get isAlive(): boolean {
    return this.#state === 'open' && this.#consumers.every(({ consumer }) => consumer.isAlive);
  }

  mayBring(tenant: Token, before: number): boolean {
    return this.#admission?.mayBring(tenant, before) ?? false;
  }

  lost(): void {
    this.#isAway = true;
    for (const { consumer } of this.#consumers) consumer.lost();
  }

  /** Pull requests die with the connection's server: ask again. */
  reconnected(): void {
    this.#isAway = false;
    this.#replicas.hello();
    for (const { consumer } of this.#consumers) consumer.restart();
  }

  async stopPulling(): Promise<void> {
    this.#state = 'stopped';
    this.#admission?.stop();
    this.#replicas.stop();
    await Promise.all(this.#consumers.map(({ consumer }) => consumer.stop()));
  }
}
