import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleDeclaration } from '@troupe/actor';
import type { Token } from '@troupe/contract';
import { ensureCredentials } from './credentials.ts';
import { pidFiles, stopLeftover } from './leftover-server.ts';
import { renderServerConfig } from './server-config.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { STORE_BYTES_DEFAULT } from './stream-bounds.ts';

export interface EmbeddedSettings {
  /** Everything it writes is in here: configuration, credentials, store, log. */
  dataDir: string;
  port: number;
  sync: string;
  /** Shards of the log, for a new data folder; an existing one has its own number. */
  shards?: number | undefined;
  /** Tenants beside the default one and those that are there already. */
  tenants?: readonly Token[] | undefined;
  /** Default: `STORE_BYTES_DEFAULT`. */
  maxStoreBytes?: number | undefined;
  binary?: string | undefined;
}

export interface EmbeddedServer extends ServerProcess {
  url: string;
  authDir: string;
  /** Whether a server had to be stopped that a killed launcher left behind. */
  foundLeftover: boolean;
}

const HOST = '127.0.0.1';

/**
 * Writes the configuration with the real permissions of the given roles and starts nats-server on the loopback
 * address. Rejects with a sentence if the port is taken or the server ends, with the last lines of its log.
 */
export async function startEmbeddedServer(
  settings: EmbeddedSettings,
  roles: readonly RoleDeclaration[],
): Promise<EmbeddedServer> {
  const { dataDir, port, binary } = settings;
  const authDir = join(dataDir, 'auth');
  const credentials = ensureCredentials(authDir, roles, settings.shards, settings.tenants);
  const storeDir = join(dataDir, 'nats');
  mkdirSync(storeDir, { recursive: true });
  const config = {
    host: HOST,
    port,
    storeDir,
    sync: settings.sync,
    maxStoreBytes: settings.maxStoreBytes ?? STORE_BYTES_DEFAULT,
    openToClients: true,
  };
  const configFile = join(dataDir, 'nats.conf');
  const logFile = join(dataDir, 'nats.log');
  const foundLeftover = await stopLeftover(dataDir, configFile);
  writeFileSync(configFile, renderServerConfig(config, roles, credentials), { mode: 0o600 });
  const files = { configFile, logFile, pidFile: pidFiles(dataDir).server };
  const server = await startServerProcess({ ...files, host: HOST, port, binary });
  return { ...server, url: `nats://${HOST}:${port}`, authDir, foundLeftover };
}
