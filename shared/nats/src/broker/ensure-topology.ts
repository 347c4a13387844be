import { isDeepStrictEqual } from 'node:util';
import {
  type ConsumerConfig,
  jetstreamManager,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { RoleDeclaration } from '@troupe/actor';
import type { LogLayout } from '@troupe/contract';
import type { Bus } from '../bus/connect.ts';
import { STORE_BYTES_DEFAULT } from './stream-bounds.ts';
import { consumersOf, type Retention, streams } from './topology.ts';

/** A difference between what is declared here and what the server has. */
export interface Drift {
  what: string;
  field: string;
  declared: string;
  found: string;
}

const NOT_FOUND = new Set([10014, 10059]);
/** Fewer servers of the cluster are up than a stream is to have copies. */
const NO_PEERS = 10005;
/** Servers of a cluster that are started together find each other within this. */
const PEERS_MS_MAX = 30_000;
const PEERS_PAUSE_MS = 500;

/**
 * Creates what is missing of the streams and consumers, and reports what differs. Differences are never changed
 * silently: somebody set them on purpose, or a newer version did. Running it twice changes nothing. The streams share
 * the store that the server gives to this account; the server refuses them if it does not have that much. Servers of a
 * cluster that are to have a copy are waited for, up to 30 s.
 */
export async function ensureTopology(
  admin: Bus,
  roles: readonly RoleDeclaration[],
  retention: Retention,
): Promise<Drift[]> {
  const manager = await jetstreamManager(admin.nc, { timeout: 10_000 });
  const drift: Drift[] = [];
  const storeBytes = await storeBytesOf(manager, retention.replicas);
  await refuseOtherShards(manager, admin.layout);
  for (const config of streams(admin.layout, retention, storeBytes))
    drift.push(...(await ensureStream(manager, config)));
  for (const role of roles) {
    for (const { stream, config } of consumersOf(admin.layout, role, retention.replicas))
      drift.push(...(await ensureConsumer(manager, stream, config)));
  }
  return drift;
}

/**
 * Runs would be looked for in other shards than they are in. Streams that are missing were not made yet if those that are
 * there are empty: a first start was cut off.
 */
async function refuseOtherShards(manager: JetStreamManager, layout: LogLayout): Promise<void> {
  const found: StreamInfo[] = [];
  for await (const info of manager.streams.list()) if (/^RUNS(_\d+)?$/.test(info.config.name)) found.push(info);
  const names = found.map(({ config }) => config.name);
  const isPart = names.every((name) => layout.streams.includes(name));
  const isEmpty = found.every(({ state }) => state.last_seq === 0);
  if (isPart && (names.length === layout.shards || isEmpty)) return;
  throw new Error(
    `The server holds the log in ${names.toSorted().join(', ')}; the credentials say ${layout.shards} shard(s). Use the credentials that belong to this server's data.`,
  );
}

/**
 * The account's part of the store, as each copy may fill it: the server counts every replica. A server that was configured
 * by hand may set no limit.
 */
async function storeBytesOf(manager: JetStreamManager, replicas: number): Promise<number> {
  const { max_storage } = (await manager.getAccountInfo()).limits;
  return max_storage > 0 ? Math.floor(max_storage / replicas) : STORE_BYTES_DEFAULT;
}

async function ensureStream(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { name: string },
): Promise<Drift[]> {
  const found = await existing(() => manager.streams.info(config.name));
  if (found !== undefined) return compare(`stream ${config.name}`, config, found.config);
  await whenPlaced(config, () => manager.streams.add(config));
  return [];
}

/** Waits a while for the servers that are to have a copy. Rejects with a sentence if there is no place for it. */
async function whenPlaced(
  { name, num_replicas: replicas = 1 }: Partial<StreamConfig>,
  add: () => Promise<unknown>,
): Promise<void> {
  const placedBy = Date.now() + (replicas > 1 ? PEERS_MS_MAX : 0);
  for (;;) {
    try {
      await add();
      return;
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== NO_PEERS) throw error;
      if (Date.now() >= placedBy)
        throw new Error(
          `The NATS cluster has no ${replicas} server(s) for the stream ${name ?? ''}: ${error.message}. TROUPE_STREAM_REPLICAS says how many there are to be: as many as the servers that were named with --servers.`,
          { cause: error },
        );
      await new Promise((resolve) => setTimeout(resolve, PEERS_PAUSE_MS));
    }
  }
}

async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  config: Partial<ConsumerConfig> & { durable_name: string },
): Promise<Drift[]> {
  const found = await existing(() => manager.consumers.info(stream, config.durable_name));
  if (found !== undefined) return compare(`consumer ${stream}/${config.durable_name}`, config, found.config);
  await manager.consumers.add(stream, config);
  return [];
}

async function existing<Info>(read: () => Promise<Info>): Promise<Info | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JetStreamApiError && NOT_FOUND.has(error.code)) return undefined;
    throw error;
  }
}

/** Fields that are declared and differ. Fields that are not declared are the server's defaults. Pure. */
export function compare(what: string, declared: object, found: object): Drift[] {
  const actual = new Map(Object.entries(found));
  return Object.entries(declared)
    .filter(
      ([field, value]) =>
        value !== undefined && !isDeepStrictEqual(value, actual.get(field)) && !isOff(value, actual.get(field)),
    )
    .map(([field, value]) => ({
      what,
      field,
      declared: JSON.stringify(value),
      found: JSON.stringify(actual.get(field)) ?? 'unset',
    }));
}

/** The server leaves out what is off. */
const isOff = (declared: unknown, found: unknown): boolean =>
  found === undefined && (declared === false || declared === 0);
