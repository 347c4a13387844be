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
import { LogLayout, SHARDS_DEFAULT } from '@troupe/contract';
import { connectAs, type EmbeddedServer, ensureTopology, startEmbeddedServer } from '@troupe/nats';
import { installedRoles } from '@troupe/scripts/roles';

/** Where these servers keep their runs: in several shards, as an installation does. */
export const LAYOUT = new LogLayout(SHARDS_DEFAULT);
export const TENANT = 'default';
export const RUN = '01990000-0000-7000-8000-0000000000aa';
export const SHARD = LAYOUT.shardOf(RUN);
/** The stream of {@link SHARD}. */
export const STREAM = LAYOUT.streamOf(RUN);
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
  /** The sequence of the last message in {@link STREAM}. */
  lastSeq(): Promise<number>;
  /** How many messages the log has ever taken in, over all shards. */
  taken(): Promise<number>;
  /** Subjects in the log that match, in whatever shard. */
  stored(filter: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** `maxStoreBytes`: the size of the store, for tests that fill it; `tenants`: those beside the default one. */
export async function startSecuredBus(
  options: { maxStoreBytes?: number; tenants?: readonly string[] } = {},
): Promise<SecuredBus> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-security-'));
  const server = await startEmbeddedServer(
    { dataDir, port: await getPort(), sync: '2m', shards: LAYOUT.shards, ...options },
    ROLES,
  );
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
      if (name === 'admin') await ensureTopology(bus, ROLES, { replicas: 1 });
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
      stop,
      ...looksInto(manager),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function looksInto(manager: JetStreamManager): Pick<SecuredBus, 'lastSeq' | 'taken' | 'stored'> {
  const infos = (options?: { subjects_filter: string }) =>
    Promise.all(LAYOUT.streams.map((name) => manager.streams.info(name, options)));
  return {
    lastSeq: async () => (await manager.streams.info(STREAM)).state.last_seq,
    taken: async () => (await infos()).reduce((sum, { state }) => sum + state.last_seq, 0),
    stored: async (filter) =>
      (await infos({ subjects_filter: filter })).flatMap(({ state }) => Object.keys(state.subjects ?? {})),
  };
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
 * Pulls one message of a consumer of {@link STREAM}, or the status that says there is none. A pulled message keeps the
 * subject that it was stored under, so that a request cannot find it by its inbox: it needs a subscription of its own.
 * The server answers a forbidden publish with an error of the connection, before it answers what was sent behind it.
 */
export async function pull(nc: NatsConnection, name: string, consumer: string): Promise<Attempt> {
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${STREAM}.${consumer}`;
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

/** Where a message stands, if not in {@link RUN} of {@link TENANT}. `shard`: if not that of the run. */
export interface Place {
  run?: string | undefined;
  tenant?: string | undefined;
  shard?: number | string | undefined;
}

export const runSubject = (
  from: string,
  to: string,
  ordinal: number | string = 0,
  task = 't1',
  { run = RUN, tenant = TENANT, shard = LAYOUT.shardOf(run) }: Place = {},
): string => `troupe.runs.${shard}.${tenant}.${run}.${task}.${from}.${to}.${ordinal}`;

/** All messages of a task of {@link RUN} in the log, whoever wrote them, in whatever shard and in whosever name. */
export const everywhere = (task: string): string => `troupe.runs.*.*.${RUN}.${task}.>`;

/** A result as people hear it. */
export const liveResult = (run = RUN): string => `troupe.results.${TENANT}.${run}.run.0`;

/** Where a role asks models, for a run of {@link TENANT}. */
export const askSubject = (role: string): string => `troupe.model.ask.${TENANT}.${role}`;

/** A timer of the supervisor's in the shard of {@link RUN}. */
export const timerSubject = (id: string): string => `troupe.timers.${SHARD}.${TENANT}.supervisor.${id}`;

/** Where such a timer comes when it is due. */
export const DUE = `troupe.due.${SHARD}.${TENANT}.supervisor`;
