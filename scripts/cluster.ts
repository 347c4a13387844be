import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bus,
  type BusSettings,
  connectAs,
  type Drift,
  type EmbeddedServer,
  ensureTopology,
  checkServer,
  EmbeddedCluster,
} from '@troupe/nats';
import { makeChildren } from './child/make-children.ts';
import type { ChildOptions, RoleChild } from './role-child.ts';
import { installedRoles, type InstalledRole, ROOT } from './roles.ts';
import { serverStarter, type ServerOptions } from './start-server.ts';

export interface ClusterOptions extends ServerOptions {
  /** First port for `/metrics`; each process has the next free one. 0: any free port. */
  metricsPort: number;
  /** Settings of the role processes. */
  env: Record<string, string>;
  /** Where the services are; this repository if left out. */
  root?: string;
  onProgress?: (line: string) => void;
  /** A role process that leaves `/healthz` unanswered for so long is started again; 30 s if left out, 0 for never. */
  hungMs?: number;
  /** Is told in a sentence that a role process hung. */
  onHung?: (line: string) => void;
  /** On how many servers of a cluster each stream has a copy; on all that are started here if left out. */
  streamReplicas?: number;
  /** Changes how the process of a replica (from 0) is started: another environment, another build. For fault tests. */
  prepareChild?: (child: ChildOptions, replica: number) => ChildOptions;
  /** Called when the server is up and its streams are there, before any role starts. */
  beforeRoles?: (server: BusSettings) => Promise<void>;
  /** Called when the start fails, while the server is still up: to close what `beforeRoles` opened. */
  beforeServerStops?: () => Promise<void>;
}

const STOP_MS = 15_000;
const READY_MS_MAX = 30_000;
/** A role that ended this often before all were ready does not start by itself. */
const RESTARTS_AT_START_MAX = 3;
const REVIVE_PAUSE_MS = 500;

/** A running company: an embedded NATS server and all role processes. */
export class Cluster {
  #server: EmbeddedServer;
  readonly #startServer: () => Promise<EmbeddedServer>;
  #stopping = false;
  readonly children: readonly RoleChild[];
  readonly roles: readonly InstalledRole[];
  readonly drift: readonly Drift[];

  private constructor(
    server: EmbeddedServer,
    startServer: () => Promise<EmbeddedServer>,
    children: RoleChild[],
    roles: InstalledRole[],
    drift: Drift[],
  ) {
    this.#server = server;
    this.#startServer = startServer;
    this.children = children;
    this.roles = roles;
    this.drift = drift;
  }

  get server(): EmbeddedServer {
    return this.#server;
  }

  /** The servers, one by one, if there are several. */
  get servers(): EmbeddedCluster | undefined {
    return this.#server instanceof EmbeddedCluster ? this.#server : undefined;
  }

  static async start(options: ClusterOptions): Promise<Cluster> {
    const { dataDir, onProgress } = options;
    const roles = await installedRoles(options.root);
    const declarations = roles.map(({ declaration }) => declaration);
    mkdirSync(dataDir, { recursive: true });
    const rolesFile = join(dataDir, 'roles.json');
    writeFileSync(rolesFile, JSON.stringify(declarations, null, 2));
    const { servers = 1, streamReplicas = servers } = options;
    const startServer = await serverStarter(options, declarations);
    const server = await startServer();
    onProgress?.(`NATS is up at ${server.url}`);
    const children: RoleChild[] = [];
    let admin: Bus | undefined;
    try {
      admin = await connectAs('admin', server);
      await checkServer(admin, streamReplicas);
      const drift = await ensureTopology(admin, declarations, { replicas: streamReplicas });
      await options.beforeRoles?.(server);
      children.push(...(await makeChildren(roles, { root: ROOT, ...options, server, rolesFile })));
      for (const child of children) child.start();
      const cluster = new Cluster(server, startServer, children, roles, drift);
      await cluster.#ready(admin, roles);
      onProgress?.(`${children.length} role processes are ready`);
      await admin.nc.close();
      return cluster;
    } catch (error) {
      await Promise.all(children.map((child) => child.stop(STOP_MS)));
      // The client must not be closed after its server: a write to the ended socket would end this process.
      await options.beforeServerStops?.();
      await admin?.nc.close();
      await server.stop();
      throw error;
    }
  }

  /** Waits until each role pulls from its mailbox and a gateway answers. */
  async #ready(admin: Bus, roles: readonly InstalledRole[]): Promise<void> {
    const consumers = roles
      .filter(({ declaration }) => Object.keys(declaration.consumes).length > 0)
      .map(({ declaration }) => declaration.name);
    const { layout } = admin;
    const deadline = Date.now() + READY_MS_MAX;
    while (Date.now() < deadline) {
      const waiting = await Promise.all([
        ...consumers.flatMap((name) => layout.streams.map((stream) => pulls(admin, stream, name))),
        ...this.children.map((child) => child.isReady()),
      ]);
      if (waiting.every(Boolean)) return;
      const broken = this.children.find(({ restarts }) => restarts >= RESTARTS_AT_START_MAX);
      if (broken !== undefined) {
        throw new Error(
          `The role ${broken.options.name} does not start: ${broken.lastWords.trim().split('\n').at(-1) ?? ''}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`Not every role was ready within ${READY_MS_MAX / 1_000} s; see the logs in the data folder.`);
  }

  /** `kill -9` of the server, as a crash would, and a new one on the same store, after `awayMs`. */
  async crashServer(awayMs = 0): Promise<void> {
    await this.#server.kill();
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    this.#server = await this.#startServer();
  }

  /** Starts the server again on its store whenever it ends by itself, until {@link stop}; `say` is told. */
  async keepServerUp(say: (line: string) => void): Promise<void> {
    for (;;) {
      await this.#server.exited;
      if (this.#stopping) return;
      say('nats-server has ended by itself; starting it again. Its log is nats.log in the data folder.');
      await this.#revive();
    }
  }

  async #revive(): Promise<void> {
    while (!this.#stopping) {
      const started = await this.#startServer().catch(() => undefined);
      if (started !== undefined) this.#server = started;
      if (started !== undefined && this.#stopping) await started.stop();
      if (started !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, REVIVE_PAUSE_MS));
    }
  }

  /** Where each role process serves `/metrics`. */
  get metrics(): { name: string; port: number }[] {
    return this.children.flatMap(({ options: { name }, port }) => (port === undefined ? [] : [{ name, port }]));
  }

  /** Ends everything at once: what was in hand is delivered again at the next start. */
  async stopAtOnce(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.children.map((child) => child.stop(0)));
    await this.#server.stop();
  }

  /** Drains the roles, then stops the server. Nothing is lost: what was not finished goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.children.map((child) => child.stop(STOP_MS)));
    await this.server.stop();
  }
}

async function pulls(admin: Bus, stream: string, role: string): Promise<boolean> {
  const reply = await admin.nc.request(`$JS.API.CONSUMER.INFO.${stream}.${role}`, '', { timeout: 2_000 });
  const info: unknown = reply.json();
  return (
    typeof info === 'object' &&
    info !== null &&
    'num_waiting' in info &&
    typeof info.num_waiting === 'number' &&
    info.num_waiting > 0
  );
}
