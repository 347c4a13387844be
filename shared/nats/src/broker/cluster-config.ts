import { list, text } from './conf-text.ts';

/** One server among those of a cluster, and how it finds the others. */
export interface ClusterSettings {
  /** Unlike that of any other server of the cluster. */
  serverName: string;
  /** Where it listens for the other servers. */
  host: string;
  port: number;
  /** The other servers as `host:port`. */
  routes: readonly string[];
  /** What servers show each other: whoever has it is a server, and may do anything. From {@link ensureRouteKey}. */
  key: string;
}

/** The only user of the route port. */
const ROUTE_USER = 'route';

/** How many servers there are. */
export const sizeOf = (cluster: ClusterSettings | undefined): number => (cluster?.routes.length ?? 0) + 1;

/** The block of a server's configuration that makes it one of a cluster. Nobody comes to its route port without the key. */
export function renderCluster({ host, port, routes, key }: ClusterSettings): string {
  return [
    'cluster {',
    '  name: troupe',
    `  listen: ${text(`${host}:${port}`)}`,
    `  authorization { user: ${ROUTE_USER}, password: ${text(key)}, timeout: 2 }`,
    `  routes: ${list(routes.map((route) => text(`nats-route://${ROUTE_USER}:${key}@${route}`)))}`,
    '}',
  ].join('\n');
}
