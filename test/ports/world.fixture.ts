import { type ActorPorts, type Delivery, declareRole, type RoleDeclaration } from '@troupe/actor';
import { encode, type LogLayout, type RunAddress, type RunRef } from '@troupe/contract';

export interface Buried {
  role: string;
  subject: string;
  seq: number;
  reason: string;
  bytes: Uint8Array;
}

/** A bus on which the suite runs: how to get at it beside the ports, and how time passes there. */
export interface World {
  layout: LogLayout;
  /** A process of a role. `inHandMax` bounds what its mailbox takes unsettled. */
  connect(role: RoleDeclaration, inHandMax?: number): Promise<ActorPorts>;
  /** Stores a goal as a user does; returns its sequence. */
  goal(tenant: string, bytes: Uint8Array): Promise<number>;
  buried(role: string): Promise<Buried | undefined>;
  /** Lets time pass, in ms. */
  pass(ms: number): Promise<void>;
  /** Waits for what needs no time on the bus; rejects if it does not happen. */
  soon(what: string, isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Each test has a role of its own on a shared bus: tests cannot get into each other's mailboxes. */
const DESKS_MAX = 28;

export const sender = declareRole({
  name: 'sender',
  kind: 'agent',
  description: 'Sends messages to the desks.',
  scope: 'run',
  consumes: {},
  emits: { 'task.assigned': Array.from({ length: DESKS_MAX }, (_, index) => `desk-${index}`), noted: ['log'] },
  // Some role has to offer the API, or the server's configuration is not whole.
  servesApi: true,
});

export const desks: readonly RoleDeclaration[] = Array.from({ length: DESKS_MAX }, (_, index) =>
  declareRole({
    name: `desk-${index}`,
    kind: 'worker',
    description: 'The role of one test.',
    scope: 'task',
    consumes: { 'task.assigned': ['sender'] },
    emits: { noted: ['log'] },
    takesGoals: true,
  }),
);

/** Whose result is the end of a run. */
export const supervisor = declareRole({
  name: 'supervisor',
  kind: 'agent',
  description: 'Ends runs.',
  scope: 'run',
  consumes: {},
  emits: { 'run.ended': ['user'] },
});

let used = 0;

/** What one test works with: a role, a run, and a sender to its mailbox. */
export class Desk {
  readonly role: RoleDeclaration;
  readonly ref: RunRef;
  readonly #world: World;
  readonly #sender: ActorPorts;
  /** How many messages there are in each run, and the sequence of its last one. */
  readonly #written = new Map<string, { count: number; lastSeq: number }>();

  private constructor(world: World, senderPorts: ActorPorts, role: RoleDeclaration, ref: RunRef) {
    this.#world = world;
    this.#sender = senderPorts;
    this.role = role;
    this.ref = ref;
  }

  static async open(world: World): Promise<Desk> {
    const index = used;
    used += 1;
    const role = desks[index % DESKS_MAX];
    if (role === undefined || index >= DESKS_MAX) throw new Error('there are more tests than desks: raise DESKS_MAX');
    const run = `01990000-0000-7000-8000-${index.toString().padStart(12, '0')}`;
    return new Desk(world, await world.connect(sender), role, { tenant: 'acme', run });
  }

  connect(inHandMax?: number): Promise<ActorPorts> {
    return this.#world.connect(this.role, inHandMax);
  }

  /** Sends one message to the role's mailbox, in {@link ref} if no other run is named; returns its sequence and bytes. */
  async send(what: string, ref = this.ref): Promise<{ seq: number; bytes: Uint8Array; id: string }> {
    const { count: ordinal, lastSeq: expectedSeq } = this.#written.get(ref.run) ?? { count: 0, lastSeq: 0 };
    const address: RunAddress = { ...ref, task: 't1', from: 'sender', to: this.role.name, ordinal };
    const scope = { ...ref, task: '*', role: 'sender' } as const;
    const bytes = encode({ what });
    const seq = await this.#sender.journal.append({ scope, address, bytes, expectedSeq }, NEVER_ABORTED);
    this.#written.set(ref.run, { count: ordinal + 1, lastSeq: seq });
    return { seq, bytes, id: `sender.t1.${ordinal}` };
  }

  /** Other runs, in every shard. */
  others(count: number): RunRef[] {
    const own = this.ref.run.slice(-10);
    const runs = Array.from({ length: count }, (_, index) => `${own}${index.toString().padStart(2, '0')}`);
    return runs.map((digits) => ({ ...this.ref, run: `01990000-0000-7000-9000-${digits}` }));
  }
}

export const NEVER_ABORTED = new AbortController().signal;

/** Opens a mailbox and keeps what arrives from one source. */
export async function collect(ports: ActorPorts, source: Delivery['source'] = 'runs'): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  await ports.mailbox.open((delivery) => {
    if (delivery.source === source) deliveries.push(delivery);
    else delivery.ack();
  });
  return deliveries;
}

export const countOf = (deliveries: readonly Delivery[], seq: number): number =>
  deliveries.filter((delivery) => delivery.seq === seq).length;
