import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bus,
  connectAs,
  type Drift,
  type EmbeddedServer,
  ensureTopology,
  checkServer,
  startEmbeddedServer,
} from '@troupe/nats';
import { RoleChild } from './role-child.ts';
import { installedRoles, type InstalledRole } from './roles.ts';

export interface ClusterOptions {
  /** Everything is written in here. */
  dataDir: string;
  natsPort: number;
  /** `always` or a duration: see the README, "Durability". */
  sync: string;
  /** Processes per role. */
  replicas: number;
  /** First port for `/metrics`; each process has the next one. 0: any free port. */
  metricsPort: number;
  /** Settings of the role processes. */
  env: Record<string, string>;
  /** Where the services are; this repository if left out. */
  root?: string;
  onProgress?: (line: string) => void;
}

const STOP_MS = 15_000;
const READY_MS_MAX = 30_000;

/** A running company: an embedded NATS server and all role processes. */
export class Cluster {
  readonly server: EmbeddedServer;
  readonly children: readonly RoleChild[];
  readonly roles: readonly InstalledRole[];
  readonly drift: readonly Drift[];

  private constructor(server: EmbeddedServer, children: RoleChild[], roles: InstalledRole[], drift: Drift[]) {
    this.server = server;
    this.children = children;
    this.roles = roles;
    this.drift = drift;
  }

  static async start(options: ClusterOptions): Promise<Cluster> {
    const { dataDir, onProgress } = options;
    const roles = await installedRoles(options.root);
    const declarations = roles.map(({ declaration }) => declaration);
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    const rolesFile = join(dataDir, 'roles.json');
    writeFileSync(rolesFile, JSON.stringify(declarations, null, 2));
    const server = await startEmbeddedServer(
      { dataDir, port: options.natsPort, sync: options.sync, binary: process.env['TROUPE_NATS_SERVER'] },
      declarations,
    );
    onProgress?.(`NATS is up at ${server.url}`);
    const admin = await connectAs('admin', server);
    try {
      await checkServer(admin);
      const drift = await ensureTopology(admin, declarations, { runs_days: 7, replicas: 1 });
      const env = {
        NATS_URL: server.url,
        TROUPE_AUTH_DIR: server.authDir,
        TROUPE_ROLES: rolesFile,
        TROUPE_DATA: dataDir,
        ...options.env,
      };
      const children = makeChildren(roles, options, env);
      for (const child of children) child.start();
      const cluster = new Cluster(server, children, roles, drift);
      await cluster.#ready(admin, roles);
      onProgress?.(`${children.length} role processes are ready`);
      return cluster;
    } catch (error) {
      await server.stop();
      throw error;
    } finally {
      await admin.nc.close();
    }
  }

  /** Waits until each role pulls from its mailbox and a gateway answers. */
  async #ready(admin: Bus, roles: readonly InstalledRole[]): Promise<void> {
    const consumers = roles
      .filter(({ declaration }) => Object.keys(declaration.consumes).length > 0)
      .map(({ declaration }) => declaration.name);
    const deadline = Date.now() + READY_MS_MAX;
    while (Date.now() < deadline) {
      const waiting = await Promise.all(consumers.map((name) => pulls(admin, name)));
      if (waiting.every(Boolean)) return;
      const broken = this.children.find(({ restarts }) => restarts >= 3);
      if (broken !== undefined) {
        await this.stop();
        throw new Error(
          `The role ${broken.options.name} does not start: ${broken.lastWords.trim().split('\n').at(-1) ?? ''}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`Not every role was ready within ${READY_MS_MAX / 1_000} s; see the logs in the data folder.`);
  }

  /** Drains the roles, then stops the server. Nothing is lost: what was not finished goes on at the next start. */
  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop(STOP_MS)));
    await this.server.stop();
  }
}

function makeChildren(
  roles: readonly InstalledRole[],
  options: ClusterOptions,
  env: Record<string, string>,
): RoleChild[] {
  return roles.flatMap(({ declaration: { name }, main }, index) =>
    Array.from({ length: options.replicas }, (_, replica) => {
      const port = options.metricsPort === 0 ? 0 : options.metricsPort + index * options.replicas + replica;
      const logFile = join(options.dataDir, 'logs', `${name}${replica === 0 ? '' : `-${replica + 1}`}.log`);
      return new RoleChild({ name, main, logFile, env: { ...env, TROUPE_METRICS_PORT: String(port) } });
    }),
  );
}

async function pulls(admin: Bus, role: string): Promise<boolean> {
  const reply = await admin.nc.request(`$JS.API.CONSUMER.INFO.RUNS.${role}`, '', { timeout: 2_000 });
  const info: unknown = reply.json();
  return (
    typeof info === 'object' &&
    info !== null &&
    'num_waiting' in info &&
    typeof info.num_waiting === 'number' &&
    info.num_waiting > 0
  );
}
