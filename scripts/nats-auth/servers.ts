import type { RoleDeclaration } from '@troupe/actor';
import { type Credentials, ensureRouteKey, renderServerConfig, type ServerSettings } from '@troupe/nats';
import { InvalidArgumentError } from 'commander';

/** An even number of servers survives no more than one fewer does. */
const SIZES = [3, 5];
const ADDRESS = /^([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?):([1-9]\d{0,4})$/i;
const PORT_MAX = 65_535;

const portIn = (address: string): number => Number(ADDRESS.exec(address)?.[2]);

/** Parses `--servers a:6222,b:6222,c:6222`. Throws what commander tells the user. */
export function serverList(text: string): string[] {
  const servers = text.split(',').map((address) => address.trim());
  const wrong = servers.find((address) => !(portIn(address) <= PORT_MAX));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is not a host and a port, such as nats-0:6222.`);
  if (!SIZES.includes(servers.length)) throw new InvalidArgumentError(`A cluster has ${SIZES.join(' or ')} servers.`);
  if (new Set(servers).size < servers.length) throw new InvalidArgumentError('Two of them have the same address.');
  return servers;
}

/** What all servers have in common. */
interface Installation {
  authDir: string;
  roles: readonly RoleDeclaration[];
  credentials: Credentials;
}

/**
 * The configuration files of the servers: `nats.conf` of one alone, `nats-0.conf` … of those of a cluster, which have the
 * same accounts and find each other at `servers`. They listen for each other where they listen for clients.
 */
export function renderServers(
  settings: ServerSettings,
  servers: readonly string[] | undefined,
  { authDir, roles, credentials }: Installation,
): { file: string; config: string }[] {
  if (servers === undefined) return [{ file: 'nats.conf', config: renderServerConfig(settings, roles, credentials) }];
  const key = ensureRouteKey(authDir);
  return servers.map((address, index) => {
    const cluster = {
      serverName: `troupe-${index}`,
      host: settings.host,
      port: portIn(address),
      routes: servers.filter((other) => other !== address),
      key,
    };
    return { file: `nats-${index}.conf`, config: renderServerConfig({ ...settings, cluster }, roles, credentials) };
  });
}
