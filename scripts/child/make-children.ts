import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BusSettings } from '@troupe/nats';
import { type ChildOptions, RoleChild } from '../role-child.ts';
import type { InstalledRole } from '../roles.ts';
import { confinement } from './confinement.ts';
import { childEnvironment } from './environment.ts';
import { freePorts } from './free-ports.ts';

/**
 * How long a process may leave `/healthz` unanswered, in ms: well above the longest that a role works without a pause,
 * and above what a busy machine suspends it for.
 */
export const HUNG_MS = 30_000;

interface Staff {
  /** The repository that the roles are in. */
  root: string;
  dataDir: string;
  server: BusSettings;
  rolesFile: string;
  replicas: number;
  metricsPort: number;
  /** Settings of the role processes. */
  env: Readonly<Record<string, string>>;
  hungMs?: number;
  onHung?: (line: string) => void;
  prepareChild?: (child: ChildOptions, replica: number) => ChildOptions;
}

/** The processes of a company, not started yet: each with the environment, the files and the folders that are its own. */
export async function makeChildren(roles: readonly InstalledRole[], staff: Staff): Promise<RoleChild[]> {
  const { dataDir, server, rolesFile, replicas, env, hungMs = HUNG_MS, onHung, prepareChild } = staff;
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  // What a tool writes must not lie beside the log, the credentials and the configuration.
  const ofTools = folder(dataDir, 'tools');
  const given: NodeJS.ProcessEnv = {
    ...process.env,
    NATS_URL: server.url,
    TROUPE_AUTH_DIR: server.authDir,
    TROUPE_ROLES: rolesFile,
    TROUPE_DATA: ofTools,
    ...env,
  };
  const host = given['TROUPE_METRICS_HOST'] ?? '127.0.0.1';
  const ports = await freePorts(staff.metricsPort, roles.length * replicas, host);
  return roles.flatMap(({ declaration: { name }, main, settings }, index) => {
    // Compiled code that one role could write and another runs would be a way from one into the other.
    const cache = folder(given['NODE_COMPILE_CACHE'] ?? join(dataDir, 'compile-cache'), name);
    return Array.from({ length: replicas }, (_, replica) => {
      const metricsPort = String(ports[index * replicas + replica] ?? 0);
      const own = { ...given, NODE_COMPILE_CACHE: cache, TROUPE_METRICS_PORT: metricsPort };
      const environment = childEnvironment(settings, own);
      const child: ChildOptions = {
        name,
        main,
        flags: confinement({ root: staff.root, name, settings, environment }),
        env: environment,
        logFile: join(dataDir, 'logs', `${name}${replica === 0 ? '' : `-${replica + 1}`}.log`),
        hungMs,
        ...(onHung === undefined ? {} : { onHung }),
      };
      return new RoleChild(prepareChild?.(child, replica) ?? child);
    });
  });
}

function folder(...path: string[]): string {
  const made = join(...path);
  mkdirSync(made, { recursive: true });
  return made;
}
