import type { Bus } from '../bus/connect.ts';

/** Message schedules and TTLs, which timers need, came with this version. */
export const SERVER_VERSION_MIN = '2.12.0';

/** A server answers at once, a cluster when it has elected who does. */
const ANSWER_MS_MAX = 5_000;
const CLUSTER_ANSWER_MS_MAX = 30_000;
/** A request that came before there was anybody to answer it is never answered. */
const ASK_AGAIN_MS = 1_000;

/**
 * Throws a sentence if the server is too old, has no JetStream for this account, or is alone where each stream is to have
 * several `replicas`.
 */
export async function checkServer({ nc }: Bus, replicas = 1): Promise<void> {
  const { version, cluster } = nc.info ?? {};
  if (version === undefined) throw new Error('The NATS server did not introduce itself.');
  if (compareVersions(version, SERVER_VERSION_MIN) < 0) {
    throw new Error(`The NATS server is version ${version}; Troupe needs ${SERVER_VERSION_MIN} or newer.`);
  }
  const isAlone = cluster === undefined || cluster === '';
  if (replicas > 1 && isAlone)
    throw new Error(
      `Each stream is to have ${replicas} replicas (TROUPE_STREAM_REPLICAS), but the NATS server at ${nc.getServer()} is not in a cluster: leave the setting out, or make one with: npm run nats-auth -- --servers`,
    );
  const answeredBy = Date.now() + (isAlone ? ANSWER_MS_MAX : CLUSTER_ANSWER_MS_MAX);
  while (Date.now() < answeredBy) {
    const reply = await nc.request('$JS.API.INFO', '', { timeout: ASK_AGAIN_MS }).catch(() => undefined);
    if (reply !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('JetStream is off on this NATS server or account. Start it with: jetstream: enabled');
}

/** Negative, zero or positive as a is older than, equal to or newer than b. Pre-release suffixes are ignored. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split('-')[0]?.split('.').map(Number) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
