import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleDeclaration } from '@troupe/actor';
import { type BusSettings, EmbeddedCluster, type EmbeddedServer, startEmbeddedServer } from '@troupe/nats';
import getPort from 'get-port';

export interface ServerOptions {
  /** Everything is written in here. */
  dataDir: string;
  natsPort: number;
  /** `always` or a duration: see the README, "Durability". */
  sync: string;
  /** Shards of the log, for a new data folder; one for each replica if left out, so that each has one to be at home in. */
  shards?: number | undefined;
  /** Tenants beside the default one. */
  tenants?: readonly string[] | undefined;
  /** Processes per role. */
  replicas: number;
  /** How many NATS servers are started, 1 or 3: several are a cluster. For fault tests. */
  servers?: number;
  /** A server that runs already, or a cluster, with the accounts of `npm run nats-auth`: none is started then. */
  external?: BusSettings;
}

const HOST = '127.0.0.1';

/**
 * How the server of a company is started, now and after a crash: an embedded one, several that are a cluster, or none
 * because one runs already.
 */
export async function serverStarter(
  options: ServerOptions,
  roles: readonly RoleDeclaration[],
): Promise<() => Promise<EmbeddedServer>> {
  const { dataDir, natsPort: port, sync, external, tenants, replicas, servers = 1 } = options;
  if (external !== undefined) return () => Promise.resolve(notOurs(external));
  const isNew = !existsSync(join(dataDir, 'auth'));
  const shards = options.shards ?? (isNew ? replicas : undefined);
  const settings = { dataDir, sync, binary: process.env['TROUPE_NATS_SERVER'], shards, tenants };
  if (servers === 1) return () => startEmbeddedServer({ ...settings, port }, roles);
  const free: number[] = [];
  // Any will do: they are found once, and kept over crashes.
  while (free.length < 2 * servers - 1) free.push(await getPort({ host: HOST }));
  const [ports, routePorts] = [[port, ...free.slice(servers)], free.slice(0, servers)];
  return () => EmbeddedCluster.start({ ...settings, ports, routePorts }, roles);
}

/** A server that somebody else starts and stops. */
function notOurs(settings: BusSettings): EmbeddedServer {
  const nothing = () => Promise.resolve();
  return {
    ...settings,
    pid: 0,
    exited: new Promise(() => undefined),
    foundLeftover: false,
    stop: nothing,
    kill: nothing,
  };
}
