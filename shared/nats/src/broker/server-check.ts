import type { Bus } from '../bus/connect.ts';

/** Message schedules and TTLs, which timers need, came with this version. */
export const SERVER_VERSION_MIN = '2.12.0';

/** Throws a sentence if the server is too old or has no JetStream for this account. */
export async function checkServer(bus: Bus): Promise<void> {
  const { version } = bus.nc.info ?? {};
  if (version === undefined) throw new Error('The NATS server did not introduce itself.');
  if (compareVersions(version, SERVER_VERSION_MIN) < 0) {
    throw new Error(`The NATS server is version ${version}; Troupe needs ${SERVER_VERSION_MIN} or newer.`);
  }
  const reply = await bus.nc.request('$JS.API.INFO', '', { timeout: 5_000 }).catch(() => undefined);
  if (reply === undefined)
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
