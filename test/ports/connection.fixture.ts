import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Append, declareRole, type Delivery, type RoleDeclaration } from '@troupe/actor';
import { encode, type RunAddress, type RunRef } from '@troupe/contract';
import {
  BrokerClock,
  type Bus,
  connectAs,
  type EmbeddedServer,
  ensureTopology,
  NatsJournal,
  NatsMailbox,
  RequestChannel,
  startEmbeddedServer,
} from '@troupe/nats';
import getPort from 'get-port';

export const taker = declareRole({
  name: 'taker',
  kind: 'worker',
  description: 'Takes tasks and goals.',
  scope: 'task',
  consumes: { 'task.assigned': ['giver'] },
  emits: { noted: ['log'] },
  takesGoals: true,
});

export const giver = declareRole({
  name: 'giver',
  kind: 'agent',
  description: 'Gives tasks.',
  scope: 'run',
  consumes: {},
  emits: { 'task.assigned': ['taker'], noted: ['log'] },
  servesApi: true,
});

const ROLES = [taker, giver];
const REPLY_TIMEOUT_MS = 5_000;
/** The run of {@link task}. */
export const RUN: RunRef = { tenant: 'acme', run: '01990000-0000-7000-8000-000000000001' };

/** A process of a role, connected as `startProcess` connects it: what is lost and comes back is told to its parts. */
export interface Connected {
  bus: Bus;
  channel: RequestChannel;
  journal: NatsJournal;
  mailbox: NatsMailbox;
  deliveries: Delivery[];
  close(): Promise<void>;
}

/** A real server with the permissions of production, which can be killed and started again on its store. */
export class RealServer {
  #server: EmbeddedServer;
  readonly #dataDir: string;
  readonly #port: number;
  readonly #opened: Connected[] = [];

  private constructor(server: EmbeddedServer, dataDir: string, port: number) {
    this.#server = server;
    this.#dataDir = dataDir;
    this.#port = port;
  }

  static async start(): Promise<RealServer> {
    const dataDir = mkdtempSync(join(tmpdir(), 'troupe-outage-'));
    const port = await getPort();
    const server = await startEmbeddedServer({ dataDir, port, sync: '2m' }, ROLES);
    const admin = await connectAs('admin', server);
    await ensureTopology(admin, ROLES, { replicas: 1 });
    await admin.nc.close();
    return new RealServer(server, dataDir, port);
  }

  get url(): string {
    return this.#server.url;
  }

  admin(): Promise<Bus> {
    return connectAs('admin', this.#server);
  }

  async connect(role: RoleDeclaration, inHandMax = 1_000): Promise<Connected> {
    const bus = await connectAs(role.name, this.#server);
    const channel = new RequestChannel(bus, REPLY_TIMEOUT_MS);
    const clock = new BrokerClock();
    const mailbox = new NatsMailbox(bus, role, inHandMax, { clock });
    void (async () => {
      for await (const { type } of bus.nc.status()) {
        if (type === 'disconnect') {
          bus.outbox.hold();
          channel.rejectAll('the connection was lost');
          mailbox.lost();
        } else if (type === 'reconnect') {
          bus.outbox.release();
          mailbox.reconnected();
        }
      }
    })();
    const close = async () => {
      await mailbox.stopPulling();
      channel.close();
      await bus.nc.close();
    };
    const journal = new NatsJournal(channel, bus.layout, clock);
    const connected = { bus, channel, journal, mailbox, deliveries: [], close };
    this.#opened.push(connected);
    return connected;
  }

  async kill(): Promise<void> {
    await this.#server.kill();
  }

  async startAgain(): Promise<void> {
    this.#server = await startEmbeddedServer({ dataDir: this.#dataDir, port: this.#port, sync: '2m' }, ROLES);
  }

  async stop(): Promise<void> {
    for (const { close } of this.#opened) await close();
    await this.#server.kill();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** The n-th task that the giver gives to the taker, to be appended behind the one before. */
export function task(ordinal: number, expectedSeq: number): Append {
  const address: RunAddress = { ...RUN, task: 't1', from: 'giver', to: 'taker', ordinal };
  return { scope: { ...RUN, task: '*', role: 'giver' }, address, bytes: encode({ ordinal }), expectedSeq };
}

/** Waits until something is so; rejects after `ms`. */
export async function within(ms: number, what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + ms;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
