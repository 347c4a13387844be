import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleDeclaration } from '@troupe/actor';
import { ensureCredentials } from './credentials.ts';
import type { EmbeddedServer, EmbeddedSettings } from './embedded-server.ts';
import { pidFiles, stopLeftover } from './leftover-server.ts';
import { ensureRouteKey } from './route-key.ts';
import { renderServerConfig } from './server-config.ts';
import { startServerProcess } from './server-process.ts';
import { STORE_BYTES_DEFAULT } from './stream-bounds.ts';

/** As of one server, with the ports of each. `maxStoreBytes` is for each server. */
export interface EmbeddedClusterSettings extends Omit<EmbeddedSettings, 'port'> {
  /** One for each server, and how many there are. */
  ports: readonly number[];
  /** Where they listen for each other; as many as there are `ports`. */
  routePorts: readonly number[];
}

const HOST = '127.0.0.1';

/**
 * Several nats-servers on the loopback address of this machine that are one cluster, each with a store of its own: for
 * tests of what a cluster does when one of them dies. To the outside it is one server with several addresses.
 */
export class EmbeddedCluster implements EmbeddedServer {
  readonly #members: EmbeddedServer[];
  readonly #startMember: (index: number) => Promise<EmbeddedServer>;
  readonly pid: number;
  /** Never: who kills a member starts it again. */
  readonly exited = new Promise<void>(() => undefined);

  private constructor(members: EmbeddedServer[], startMember: (index: number) => Promise<EmbeddedServer>) {
    this.#members = members;
    this.#startMember = startMember;
    this.pid = members[0]?.pid ?? 0;
  }

  /** Starts all servers. Rejects with a sentence if a port is taken or a server ends. */
  static async start(settings: EmbeddedClusterSettings, roles: readonly RoleDeclaration[]): Promise<EmbeddedCluster> {
    const startMember = memberOf(settings, roles);
    const started = await Promise.allSettled(settings.ports.map((_, index) => startMember(index)));
    const members = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed === undefined) return new EmbeddedCluster(members, startMember);
    await Promise.all(members.map((member) => member.kill()));
    throw failed.reason;
  }

  /** The servers as they are now, also those that were killed. */
  get members(): readonly EmbeddedServer[] {
    return this.#members;
  }

  get url(): string {
    return this.#members.map(({ url }) => url).join(',');
  }

  get authDir(): string {
    return this.#members[0]?.authDir ?? '';
  }

  get foundLeftover(): boolean {
    return this.#members.some(({ foundLeftover }) => foundLeftover);
  }

  /** Starts a member that was killed again, on its store. */
  async startAgain(index: number): Promise<void> {
    this.#members[index] = await this.#startMember(index);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }

  async kill(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()));
  }
}

/** Starts the member with this number; all have the same credentials, and folders of their own beside them. */
function memberOf(
  settings: EmbeddedClusterSettings,
  roles: readonly RoleDeclaration[],
): (index: number) => Promise<EmbeddedServer> {
  const { dataDir, ports, routePorts, sync, shards, tenants, maxStoreBytes, binary } = settings;
  const authDir = join(dataDir, 'auth');
  const credentials = ensureCredentials(authDir, roles, shards, tenants);
  const key = ensureRouteKey(authDir);
  return async (index) => {
    const port = ports[index] ?? 0;
    const folder = join(dataDir, `nats-${index}`);
    const storeDir = join(folder, 'store');
    mkdirSync(storeDir, { recursive: true });
    const cluster = {
      serverName: `troupe-${index}`,
      host: HOST,
      port: routePorts[index] ?? 0,
      routes: routePorts.filter((_, other) => other !== index).map((other) => `${HOST}:${other}`),
      key,
    };
    const config = {
      host: HOST,
      port,
      storeDir,
      sync,
      maxStoreBytes: maxStoreBytes ?? STORE_BYTES_DEFAULT,
      openToClients: true,
      cluster,
    };
    const configFile = join(folder, 'nats.conf');
    const foundLeftover = await stopLeftover(folder, configFile);
    writeFileSync(configFile, renderServerConfig(config, roles, credentials), { mode: 0o600 });
    const files = { configFile, logFile: join(folder, 'nats.log'), pidFile: pidFiles(folder).server };
    const server = await startServerProcess({ ...files, host: HOST, port, binary });
    return { ...server, url: `nats://${HOST}:${port}`, authDir, foundLeftover };
  };
}
