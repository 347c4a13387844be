import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import type { RoleDeclaration } from '@troupe/actor';
import type { Token } from '@troupe/contract';
import { ensureCredentials } from './credentials.ts';
import { pidFiles, stopLeftover } from './leftover-server.ts';
import { findServerBinary } from './server-binary.ts';
import { renderServerConfig } from './server-config.ts';
import { serverEnvironment } from './server-environment.ts';
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

export interface EmbeddedServer {
  url: string;
  authDir: string;
  pid: number;
  /** Resolves when the process is gone, however it went. */
  exited: Promise<void>;
  /** Whether a server had to be stopped that a killed launcher left behind. */
  foundLeftover: boolean;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const START_MS_MAX = 20_000;
const HOST = '127.0.0.1';

/**
 * Writes the configuration with the real permissions of the given roles and starts nats-server on the loopback
 * address. Rejects with a sentence if the port is taken or the server ends, with the last lines of its log.
 */
export async function startEmbeddedServer(
  settings: EmbeddedSettings,
  roles: readonly RoleDeclaration[],
): Promise<EmbeddedServer> {
  const { dataDir, port } = settings;
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
  if (await accepts(port))
    throw new Error(`Port ${port} is in use. Stop what uses it, or choose another with --port or TROUPE_NATS_PORT.`);
  const errors = openSync(logFile, 'a');
  const child = spawn(
    findServerBinary(settings.binary),
    ['-c', configFile, '-l', logFile, '-P', pidFiles(dataDir).server],
    {
      // Mistakes in the configuration are told before there is a log file.
      stdio: ['ignore', 'ignore', errors],
      detached: true,
      env: serverEnvironment(process.env),
    },
  );
  closeSync(errors);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await listening(child, port, logFile);
  return {
    url: `nats://${HOST}:${port}`,
    authDir,
    pid: child.pid ?? 0,
    exited,
    foundLeftover,
    stop: () => end(child, exited, 'SIGTERM'),
    kill: () => end(child, exited, 'SIGKILL'),
  };
}

function end(child: ChildProcess, exited: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  return exited;
}

async function listening(child: ChildProcess, port: number, logFile: string): Promise<void> {
  const startedBy = Date.now() + START_MS_MAX;
  while (Date.now() < startedBy) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`nats-server did not start:\n${tail(logFile)}`);
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-6).join('\n');
  } catch {
    return `(no log at ${file})`;
  }
}

/** Whether something accepts connections on a local port. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: HOST, port });
    const answer = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
