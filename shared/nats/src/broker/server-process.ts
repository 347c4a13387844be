import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { findServerBinary } from './server-binary.ts';
import { serverEnvironment } from './server-environment.ts';

/** What a server is started with. */
interface Launch {
  configFile: string;
  logFile: string;
  pidFile: string;
  host: string;
  port: number;
  binary?: string | undefined;
}

/** A nats-server that this process has started. */
export interface ServerProcess {
  pid: number;
  /** Resolves when the process is gone, however it went. */
  exited: Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const START_MS_MAX = 20_000;

/**
 * Starts nats-server. Resolves when its port takes connections; rejects with a sentence if the port is taken or the server
 * ends, with the last lines of its log.
 */
export async function startServerProcess({ host, port, ...files }: Launch): Promise<ServerProcess> {
  const { configFile, logFile, pidFile, binary } = files;
  if (await accepts(host, port))
    throw new Error(`Port ${port} is in use. Stop what uses it, or choose another with --port or TROUPE_NATS_PORT.`);
  const errors = openSync(logFile, 'a');
  const child = spawn(findServerBinary(binary), ['-c', configFile, '-l', logFile, '-P', pidFile], {
    // Mistakes in the configuration are told before there is a log file.
    stdio: ['ignore', 'ignore', errors],
    detached: true,
    env: serverEnvironment(process.env),
  });
  closeSync(errors);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await listening(child, host, port, logFile);
  return {
    pid: child.pid ?? 0,
    exited,
    stop: () => end(child, exited, 'SIGTERM'),
    kill: () => end(child, exited, 'SIGKILL'),
  };
}

function end(child: ChildProcess, exited: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  return exited;
}

async function listening(child: ChildProcess, host: string, port: number, logFile: string): Promise<void> {
  const startedBy = Date.now() + START_MS_MAX;
  while (Date.now() < startedBy) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (await accepts(host, port)) return;
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

/** Whether something accepts connections on a port. */
function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port });
    const answer = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
