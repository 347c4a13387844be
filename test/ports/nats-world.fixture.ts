import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { decode, STREAMS, subjects } from '@troupe/contract';
import {
  BrokerClock,
  type Bus,
  checkServer,
  connectAs,
  EmbeddedCluster,
  type EmbeddedServer,
  ensureTopology,
  lastOn,
  NatsDeadLetters,
  NatsJournal,
  NatsMailbox,
  NatsTimers,
  readPublishAck,
  RequestChannel,
  startEmbeddedServer,
} from '@troupe/nats';
import { z } from 'zod';
import { desks, sender, supervisor, type World } from './world.fixture.ts';

const ROLES = [...desks, sender, supervisor];
const SOON_MS = 4_000;
const REPLY_TIMEOUT_MS = 5_000;
const Letter = z.object({
  role: z.string(),
  subject: z.string(),
  seq: z.number(),
  reason: z.string(),
  bytes_base64: z.string(),
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const SYNC = '2m';
const startOne = async (dataDir: string) => startEmbeddedServer({ dataDir, port: await getPort(), sync: SYNC }, ROLES);

/** Three servers that are one cluster, for {@link natsWorld}. */
export async function startThree(dataDir: string): Promise<EmbeddedCluster> {
  const free: number[] = [];
  while (free.length < 6) free.push(await getPort());
  const settings = { dataDir, ports: free.slice(0, 3), routePorts: free.slice(3), sync: SYNC };
  return EmbeddedCluster.start(settings, ROLES);
}

/** A real server with the permissions of production; every port works with the credentials of its own role. */
export async function natsWorld(
  start: (dataDir: string) => Promise<EmbeddedServer> = startOne,
  replicas = 1,
): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-ports-'));
  let server: EmbeddedServer | undefined;
  const opened: { bus: Bus; channel: RequestChannel; mailbox?: NatsMailbox }[] = [];
  const stop = async () => {
    for (const { bus, channel, mailbox } of opened) {
      await mailbox?.stopPulling();
      channel.close();
      await bus.nc.close();
    }
    await server?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    server = await start(dataDir);
    const bus = await connectAs('admin', server);
    const channel = new RequestChannel(bus, REPLY_TIMEOUT_MS);
    opened.push({ bus, channel });
    await checkServer(bus, replicas);
    await ensureTopology(bus, ROLES, { replicas });
    return { layout: bus.layout, ...portsOn(server, opened), ...operatorOn(channel), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portsOn(
  server: EmbeddedServer,
  opened: { bus: Bus; channel: RequestChannel; mailbox?: NatsMailbox }[],
): Pick<World, 'connect'> {
  return {
    async connect(role, inHandMax = 1_000) {
      const bus = await connectAs(role.name, server);
      const channel = new RequestChannel(bus, REPLY_TIMEOUT_MS);
      const clock = new BrokerClock();
      const mailbox = new NatsMailbox(bus, role, inHandMax, { clock });
      opened.push({ bus, channel, mailbox });
      return {
        mailbox,
        journal: new NatsJournal(channel, bus.layout, clock),
        timers: new NatsTimers(channel, bus.layout, role.name, randomBytes(6).toString('hex')),
        deadLetters: new NatsDeadLetters(channel, role.name),
        clock,
      };
    },
  };
}

function operatorOn(channel: RequestChannel): Pick<World, 'goal' | 'buried' | 'pass' | 'soon'> {
  return {
    async goal(tenant, bytes) {
      const ack = readPublishAck(await channel.request(subjects.goals(tenant), bytes));
      if (ack.kind !== 'stored') throw new Error('the goal was not stored');
      return ack.seq;
    },
    async buried(role) {
      const stored = await lastOn(channel, STREAMS.dead, subjects.dead(role));
      if (stored === undefined) return undefined;
      const { bytes_base64, ...letter } = Letter.parse(decode(stored.bytes, 1_000_000));
      return { ...letter, bytes: new Uint8Array(Buffer.from(bytes_base64, 'base64')) };
    },
    pass: sleep,
    async soon(what, isSo) {
      const deadline = Date.now() + SOON_MS;
      while (!isSo()) {
        if (Date.now() > deadline) throw new Error(`not within ${SOON_MS} ms: ${what}`);
        await sleep(10);
      }
    },
  };
}
