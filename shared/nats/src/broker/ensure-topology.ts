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

/**
 * Creates what is missing of the streams and consumers, and reports what differs. Differences are never changed
 * silently: somebody set them on purpose, or a newer version did. Running it twice changes nothing. The streams share
 * the store that the server gives to this account; the server refuses them if it does not have that much.
 */
export async function ensureTopology(
  admin: Bus,
  roles: readonly RoleDeclaration[],
  retention: Retention,
): Promise<Drift[]> {
  const manager = await jetstreamManager(admin.nc, { timeout: 10_000 });
  const drift: Drift[] = [];
  const storeBytes = await storeBytesOf(manager);
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

/** The account's part of the server's store. A server that was configured by hand may set no limit. */
async function storeBytesOf(manager: JetStreamManager): Promise<number> {
  const { max_storage } = (await manager.getAccountInfo()).limits;
  return max_storage > 0 ? max_storage : STORE_BYTES_DEFAULT;
}

async function ensureStream(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { name: string },
): Promise<Drift[]> {
  const found = await existing(() => manager.streams.info(config.name));
  if (found !== undefined) return compare(`stream ${config.name}`, config, found.config);
  await manager.streams.add(config);
  return [];
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
