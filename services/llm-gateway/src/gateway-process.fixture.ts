import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { declareRole } from '@troupe/actor';
import { type Bus, connectAs, type EmbeddedServer, startEmbeddedServer } from '@troupe/nats';
import { role as gateway } from './role.ts';

const agent = declareRole({
  name: 'researcher',
  kind: 'worker',
  description: 'Asks, for this test.',
  scope: 'task',
  consumes: {},
  emits: {},
  asksModels: true,
});

/** A gateway as it runs in production: its own process. */
export interface GatewayProcess {
  /** Bytes of memory that the process has, by its own metrics. */
  residentBytes(): Promise<number>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface GatewayRig {
  /** A connection with the credentials of a role that asks. */
  agent: Bus;
  /** Starts a gateway with these settings; resolves when it answers. */
  start(settings: Record<string, string>): Promise<GatewayProcess>;
  stop(): Promise<void>;
}

/** A real server with the generated permissions, and real gateways on it. */
export async function startGatewayRig(): Promise<GatewayRig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-gateway-'));
  const server = await startEmbeddedServer({ dataDir, port: await freePort(), sync: '2m' }, [gateway, agent]);
  const bus = await connectAs(agent.name, server);
  const started: GatewayProcess[] = [];
  return {
    agent: bus,
    start: async (settings) => {
      const process = await startGateway(server, settings);
      started.push(process);
      return process;
    },
    stop: async () => {
      await Promise.all(started.map((process) => process.stop()));
      await bus.nc.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function startGateway(server: EmbeddedServer, settings: Record<string, string>): Promise<GatewayProcess> {
  const env = { PATH: process.env['PATH'], NATS_URL: server.url, TROUPE_AUTH_DIR: server.authDir, ...settings };
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const metricsPort = await answering(child);
  return {
    residentBytes: async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      return Number(/^process_resident_memory_bytes\S* (\S+)$/m.exec(metrics)?.[1]);
    },
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Waits for the log line that says that the gateway answers; resolves with the port of its metrics. */
function answering(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    if (child.stderr === null) throw new Error('the gateway has no standard error');
    const said: string[] = [];
    let port = 0;
    child.once('exit', () => reject(new Error(`The gateway ended: ${said.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      port = Number(/"metricsPort":(\d+)/.exec(line)?.[1] ?? port);
      if (line.includes('"answering"')) resolve(port);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
