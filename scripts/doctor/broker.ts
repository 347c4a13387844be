import type { RoleDeclaration } from '@troupe/actor';
import { type Bus, type BusSettings, checkServer, connectAs, readSettings, TopologySettings } from '@troupe/nats';
import { sentenceOf } from '../cli/failure.ts';
import { withoutPassword } from './address.ts';
import { checkClock } from './clock.ts';
import { checked, type Finding } from './finding.ts';
import { checkPermissions } from './permissions.ts';
import { checkStore, checkStreams } from './streams.ts';

/** The NATS server, and what is in it. Nothing behind the first check is tried if it fails. */
export async function* checkBroker(
  settings: BusSettings,
  roles: readonly RoleDeclaration[],
  environment: NodeJS.ProcessEnv,
): AsyncGenerator<Finding> {
  const url = withoutPassword(settings.url);
  const found: { admin?: Bus; replicas: number } = { replicas: 1 };
  const opening = connectAs('admin', settings).catch((error: unknown) => error);
  try {
    const server = await checked('nats', 'See the log of the NATS server: nats.log in the data folder.', async () => {
      found.replicas = readSettings(TopologySettings, environment).TROUPE_STREAM_REPLICAS;
      const admin = await opening;
      if (!isBus(admin)) return unreachable({ ...settings, url }, withoutPassword(sentenceOf(admin)));
      found.admin = admin;
      await checkServer(admin, found.replicas);
      const version = admin.nc.info?.version ?? '';
      const says = `NATS ${version} at ${url}, JetStream is on`;
      return { check: 'nats', verdict: 'ok', says, facts: { version, url } };
    });
    yield server;
    const { admin, replicas } = found;
    if (admin === undefined || server.verdict === 'failed') return;
    yield await checkStreams(admin, roles, replicas);
    yield await checkStore(admin);
    yield await checkClock(admin);
    yield await checkPermissions(settings, roles);
  } finally {
    await found.admin?.nc.close();
    // One that opens when its check has been given up would keep the process alive.
    if (found.admin === undefined) void opening.then((late) => (isBus(late) ? late.nc.close() : undefined));
  }
}

const isBus = (found: unknown): found is Bus => typeof found === 'object' && found !== null && 'nc' in found;

function unreachable({ url, authDir }: BusSettings, reason: string): Finding {
  const failed = (says: string, change: string): Finding => ({ check: 'nats', verdict: 'failed', says, change });
  if (/authori[sz]ation/i.test(reason))
    return failed(
      `The NATS server at ${url} does not accept the credentials in ${authDir}`,
      'Set TROUPE_AUTH_DIR to the folder "auth" of the data folder that it was started with.',
    );
  if (/no credentials|no number of shards|no tenants/.test(reason))
    return failed(`Nobody can be asked at ${url}: ${reason}`, 'Set TROUPE_AUTH_DIR, or make them with: npm start');
  return failed(
    `Nobody answers at ${url}: ${reason}`,
    'Start Troupe with: npm start, or set NATS_URL to where NATS is.',
  );
}
