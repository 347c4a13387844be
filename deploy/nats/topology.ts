// Makes the streams and the consumers of all installed roles, and says what differs from their declarations.
// Run it before the roles start, and again after adding one: `node deploy/nats/topology.ts`. Twice changes nothing.
import { checkServer, type Drift, ensureTopology, readSettings, TopologySettings } from '@troupe/nats';
import { installedRoles } from '@troupe/scripts/roles';
import { asAdmin } from './as-admin.ts';

/** A difference as a line: what it is, what the server has, what is declared. */
const lineOf = ({ what, field, found, declared }: Drift): string =>
  `${what} has ${field} ${found}, this version declares ${declared}; it was left as it is`;

asAdmin(async (admin) => {
  const { TROUPE_STREAM_REPLICAS: replicas } = readSettings(TopologySettings, process.env);
  await checkServer(admin, replicas);
  const roles = (await installedRoles()).map(({ declaration }) => declaration);
  const drift = await ensureTopology(admin, roles, { replicas });
  return [...drift.map(lineOf), `${roles.length} roles, ${drift.length} differences`];
}, true);
