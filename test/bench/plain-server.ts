import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServerBinary } from '@troupe/nats';
import { connect } from '@nats-io/transport-node';

/** A NATS server with JetStream and nothing else: no accounts, no permissions. For the floor. */
export async function startPlainServer(
  port: number,
  sync: string,
): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-floor-'));
  const config = join(folder, 'nats.conf');
  writeFileSync(
    config,
    `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(folder)}, sync_interval: ${JSON.stringify(sync)} }\n`,
  );
  const child: ChildProcess = spawn(findServerBinary(undefined), ['-c', config], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `nats://127.0.0.1:${port}`;
  const nc = await connect({ servers: url, waitOnFirstConnect: true, reconnectTimeWait: 50 });
  await nc.close();
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
