import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declareRole, type Delivery, uuidV7 } from '@troupe/actor';
import { encode, encodeJson, subjects } from '@troupe/contract';
import { z } from 'zod';
import { type EmbeddedServer, startEmbeddedServer } from '../broker/embedded-server.ts';
import { ensureTopology } from '../broker/ensure-topology.ts';
import { BrokerClock } from '../bus/broker-clock.ts';
import { type Bus, connectAs } from '../bus/connect.ts';
import { NatsMailbox } from './nats-mailbox.ts';

export const SHARDS = 4;
/** More than all replicas together may have on their way. */
const IN_HAND_MAX = 2_000;

export const taker = declareRole({
  name: 'taker',
  kind: 'worker',
  description: 'Takes tasks and goals.',
  scope: 'task',
  consumes: { 'task.assigned': ['giver'] },
  emits: { noted: ['log'] },
  takesGoals: true,
});
const giver = declareRole({
  name: 'giver',
  kind: 'agent',
  description: 'Gives tasks.',
  scope: 'run',
  consumes: {},
  emits: { 'task.assigned': ['taker'] },
});
const ROLES = [taker, giver];

const Stored = z.object({ stream: z.string(), seq: z.number() });

/** One replica's mailbox, and what came there. */
export interface OpenMailbox {
  deliveries: Delivery[];
  /** Stops in order. */
  close(): Promise<void>;
  /** Goes without a word, as a process does that is killed: nothing of it runs on, and nobody hears of it. */
  die(): Promise<void>;
}

/** A real server with the permissions of production, on which one role has as many replicas as a test wants. */
export class HomesRig {
  readonly admin: Bus;
  readonly #server: EmbeddedServer;
  readonly #dataDir: string;
  readonly #open: (() => Promise<void>)[] = [];

  private constructor(server: EmbeddedServer, admin: Bus, dataDir: string) {
    this.#server = server;
    this.admin = admin;
    this.#dataDir = dataDir;
  }

  static async start(): Promise<HomesRig> {
    const dataDir = mkdtempSync(join(tmpdir(), 'troupe-homes-'));
    const settings = { dataDir, port: await freePort(), sync: '2m', shards: SHARDS };
    const server = await startEmbeddedServer(settings, ROLES);
    const admin = await connectAs('admin', server);
    await ensureTopology(admin, ROLES, { replicas: 1 });
    return new HomesRig(server, admin, dataDir);
  }

  /** A connection of a process of the role. */
  async connect(): Promise<Bus> {
    const bus = await connectAs(taker.name, this.#server);
    this.#open.push(() => bus.nc.close());
    return bus;
  }

  /** An open mailbox on a connection of its own. It acks what it is given, unless it is told not to. */
  async mailbox(settle: (delivery: Delivery) => void = (delivery) => delivery.ack()): Promise<OpenMailbox> {
    const bus = await this.connect();
    const mailbox = new NatsMailbox(bus, taker, IN_HAND_MAX, { clock: new BrokerClock(), build: 'v1' });
    const deliveries: Delivery[] = [];
    const close = () => mailbox.stopPulling();
    this.#open.unshift(close);
    await mailbox.open((delivery) => {
      deliveries.push(delivery);
      settle(delivery);
    });
    const die = async () => {
      await bus.nc.close();
      await close();
    };
    return { deliveries, close, die };
  }

  /** Stores so many tasks, each of a run of its own, and a goal for each of them; resolves with where they are. */
  async send(count: number): Promise<string[]> {
    const { nc, layout } = this.admin;
    const stored = Array.from({ length: count }, async () => {
      const run = uuidV7(Date.now(), randomBytes(10).toString('hex'));
      const address = { tenant: 'default', run, task: 't1', from: 'giver', to: 'taker', ordinal: 0 };
      const task = await nc.request(layout.message(address), encode({ run }), { timeout: 10_000 });
      const goal = await nc.request(subjects.goals('default'), encodeJson({ goal: run }), { timeout: 10_000 });
      return [task, goal].map((ack) => placeOf(Stored.parse(ack.json())));
    });
    return (await Promise.all(stored)).flat();
  }

  async stop(): Promise<void> {
    for (const close of this.#open.splice(0)) await close();
    await this.admin.nc.close();
    await this.#server.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

export const placeOf = ({ stream, seq }: Pick<Delivery, 'stream' | 'seq'>): string => `${stream}/${seq}`;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
