import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createInbox,
  headers as newHeaders,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  PermissionViolationError,
  RequestError,
} from '@nats-io/nats-core';
import getPort from 'get-port';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { RoleDeclaration } from '@troupe/actor';
import { STREAMS } from '@troupe/contract';
import { connectAs, type EmbeddedServer, ensureTopology, startEmbeddedServer } from '@troupe/nats';
import { installedRoles } from '@troupe/scripts/roles';

export const RUN = '01990000-0000-7000-8000-0000000000aa';
export const ROLES: readonly RoleDeclaration[] = (await installedRoles()).map(({ declaration }) => declaration);
export const NAMES = ROLES.map(({ name }) => name);
/** Everybody a message could be addressed to. */
export const MAILBOXES = [...NAMES, 'user', 'log'];

/** How long the server may take to say anything at all. */
const ANSWER_MS = 5_000;

/**
 * What became of a request: who refused it, or the reply. There is no third outcome: silence proves nothing, and a
 * request that meets it is an error of the test.
 */
export type Attempt = { kind: 'refused'; why: string } | { kind: 'reply'; message: Msg };

/** A server with the generated permissions, and raw connections with real credentials to try them with. */
export interface SecuredBus {
  server: EmbeddedServer;
  dataDir: string;
  admin: NatsConnection;
  manager: JetStreamManager;
  /** A raw connection with a role's or operator's own credentials. */
  as(name: string): NatsConnection;
  /** Without credentials, as people connect. */
  client: NatsConnection;
  /** How many messages the stream of runs has ever taken in. */
  lastSeq(): Promise<number>;
  /** Subjects in the stream of runs that match. */
  stored(filter: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** `maxStoreBytes`: the size of the store, for tests that fill it. */
export async function startSecuredBus(maxStoreBytes?: number): Promise<SecuredBus> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-security-'));
  const server = await startEmbeddedServer({ dataDir, port: await getPort(), sync: '2m', maxStoreBytes }, ROLES);
  const open: NatsConnection[] = [];
  const stop = async () => {
    await Promise.all(open.map((nc) => nc.close()));
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const connections = new Map<string, NatsConnection>();
    for (const name of ['admin', 'viewer', ...NAMES]) {
      const bus = await connectAs(name, server);
      open.push(bus.nc);
      connections.set(name, bus.nc);
      if (name === 'admin') await ensureTopology(bus, ROLES, { runs_days: 1, replicas: 1 });
    }
    const client = await connect({ servers: server.url });
    open.push(client);
    const as = (name: string) => {
      const nc = connections.get(name);
      if (nc === undefined) throw new Error(`nobody is called ${name}`);
      return nc;
    };
    const manager = await jetstreamManager(as('admin'));
    return {
      server,
      dataDir,
      admin: as('admin'),
      manager,
      as,
      client,
      lastSeq: async () => (await manager.streams.info(STREAMS.runs)).state.last_seq,
      stored: async (filter) => {
        const { state } = await manager.streams.info(STREAMS.runs, { subjects_filter: filter });
        return Object.keys(state.subjects ?? {});
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Asks for something that should not be given. Rejects when the server says nothing. */
export async function attempt(nc: NatsConnection, subject: string, payload = '', headers?: MsgHdrs): Promise<Attempt> {
  return await ask(nc, subject, payload, headers);
}

/** Asks for something that has to be given. */
export async function must(nc: NatsConnection, subject: string, payload: string | Uint8Array = ''): Promise<Msg> {
  const result = await ask(nc, subject, payload);
  if (result.kind === 'reply') return result.message;
  throw new Error(`${subject} was not answered: ${result.why}`);
}

async function ask(
  nc: NatsConnection,
  subject: string,
  payload: string | Uint8Array,
  headers?: MsgHdrs,
): Promise<Attempt> {
  try {
    const message = await nc.request(subject, payload, {
      timeout: ANSWER_MS,
      ...(headers === undefined ? {} : { headers }),
    });
    return { kind: 'reply', message };
  } catch (error) {
    if (error instanceof PermissionViolationError || error instanceof RequestError)
      return { kind: 'refused', why: error.message };
    throw error;
  }
}

/**
 * Pulls one message of a consumer, or the status that says there is none. A pulled message keeps the subject that it
 * was stored under, so that a request cannot find it by its inbox: it needs a subscription of its own. The server
 * answers a forbidden publish with an error of the connection, before it answers what was sent behind it.
 */
export async function pull(nc: NatsConnection, name: string, consumer: string): Promise<Attempt> {
  const subject = `$JS.API.CONSUMER.MSG.NEXT.RUNS.${consumer}`;
  const inbox = createInbox(`_INBOX_${name}`);
  const { promise, resolve, reject } = Promise.withResolvers<Attempt>();
  const timer = setTimeout(() => reject(new Error(`the server said nothing to ${subject}`)), ANSWER_MS);
  const stopHearing = onRefusal(nc, subject, (why) => resolve({ kind: 'refused', why }));
  const subscription = nc.subscribe(inbox, {
    callback: (error, message) =>
      resolve(error === null ? { kind: 'reply', message } : { kind: 'refused', why: error.message }),
  });
  nc.publish(subject, JSON.stringify({ batch: 1, no_wait: true }), { reply: inbox });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    stopHearing();
    subscription.unsubscribe();
  }
}

/** Who waits for the server to refuse a publish, by connection and the subject that the server names. */
const refusals = new WeakMap<NatsConnection, Map<string, (why: string) => void>>();

export function onRefusal(nc: NatsConnection, subject: string, tell: (why: string) => void): () => void {
  const waiting = refusals.get(nc) ?? new Map<string, (why: string) => void>();
  if (!refusals.has(nc)) void watch(nc, waiting);
  refusals.set(nc, waiting.set(subject, tell));
  return () => waiting.delete(subject);
}

async function watch(nc: NatsConnection, waiting: Map<string, (why: string) => void>): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
    if (status.error.operation === 'publish') waiting.get(status.error.subject)?.(status.error.message);
  }
}

/** Whether an attempt came to nothing: refused, or answered with an error. */
export function cameToNothing(result: Attempt): boolean {
  if (result.kind !== 'reply') return true;
  const { message } = result;
  if ((message.headers?.code ?? 0) >= 400) return true;
  return message.data.length > 0 && /^\{.*"error":\{/.test(message.string());
}

/** Everything that was published is at the server and through it, and what it led to is stored. */
export async function settled(...connections: NatsConnection[]): Promise<void> {
  for (const nc of connections) await nc.flush();
  await new Promise((resolve) => setTimeout(resolve, 15));
}

export function withHeaders(pairs: Record<string, string>): MsgHdrs {
  const made = newHeaders();
  for (const [key, value] of Object.entries(pairs)) made.set(key, value);
  return made;
}

export const runSubject = (from: string, to: string, ordinal: number | string = 0, task = 't1', run = RUN): string =>
  `troupe.runs.${run}.${task}.${from}.${to}.${ordinal}`;
