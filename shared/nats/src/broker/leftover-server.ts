import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STOP_MS_MAX = 15_000;
const POLL_MS = 25;

/** Who runs on a data folder: the server's own pid file, and who started it. */
export const pidFiles = (dataDir: string) => ({
  server: join(dataDir, 'nats.pid'),
  launcher: join(dataDir, 'launcher.pid'),
});

/**
 * Stops a server that an earlier launcher on this data folder left behind when it was killed, and marks this process
 * as the launcher. Resolves with whether there was one. Rejects with a sentence if its launcher still lives.
 *
 * Two facts of the operating system decide, so that a pid that was given to another process is never touched: the
 * process was started with this folder's configuration file, and its parent is no longer the launcher that is noted.
 */
export async function stopLeftover(dataDir: string, configFile: string): Promise<boolean> {
  const files = pidFiles(dataDir);
  const pid = readPid(files.server);
  const launcher = readPid(files.launcher);
  const found = pid !== undefined && commandOf(pid).includes(configFile);
  if (found && launcher !== undefined && parentOf(pid) === launcher) {
    throw new Error(
      `Troupe runs on the data folder ${dataDir} already (process ${launcher}). Stop it first, or choose another folder with --data.`,
    );
  }
  writeFileSync(files.launcher, String(process.pid));
  if (found) await stop(pid);
  return found;
}

async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  for (let waitedMs = 0; isAlive(pid); waitedMs += POLL_MS) {
    if (waitedMs === STOP_MS_MAX) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function readPid(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').trim());
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return commandOf(pid) !== '';
  } catch {
    return false;
  }
}

/** The command line of a process, '' if there is none. A zombie has none. */
function commandOf(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'command');
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function parentOf(pid: number): number {
  if (process.platform !== 'linux') return Number(ps(pid, 'ppid'));
  return Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1]);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** One field of `ps`; '' without such a process, and on Windows, where a leftover has to be ended by hand. */
function ps(pid: number, field: 'command' | 'ppid'): string {
  try {
    return execFileSync('ps', ['-ww', '-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
