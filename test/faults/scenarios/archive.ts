import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@troupe/contract';
import { decodePart } from '@troupe/archive';
import { asAdmin, readStream } from '../evidence.ts';
import { LEAVING_SOON, type Scenario, type Torment } from '../scenario.ts';
import { tapDifferences } from '../tap.ts';

const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 3_000;
/** After the last run every one of them has to have left the log. */
const EMPTY_MS_MAX = 60_000;
/** Has a copy of each message that a shard stores, whatever becomes of it there. */
const TAP = 'TAP';

const wrong: string[] = [];

export const archive: Scenario = {
  name: 'archive',
  about: 'two archivers, of which one dies every 1–3 s; runs leave the log a second after their end',
  replicas: 2,
  env: LEAVING_SOON,
  async torment(torment) {
    await tapAll(torment);
    const archivers = torment.cluster.children.filter(({ options: { name } }) => name === 'archiver');
    let kills = 0;
    while (!torment.isOver()) {
      await sleep(PAUSE_MS_MIN + torment.random() * (PAUSE_MS_MAX - PAUSE_MS_MIN));
      const victim = archivers[Math.floor(torment.random() * archivers.length)];
      if (victim?.pid === undefined) continue;
      torment.crash(victim);
      kills += 1;
    }
    await untilEmpty(torment);
    wrong.push(...(await compare(torment)));
    return { archiver_kills: kills };
  },
  check: () => wrong,
};

function tapAll({ cluster }: Torment): Promise<unknown> {
  return asAdmin(cluster.server, (manager, { streams }) =>
    manager.streams.add({
      name: TAP,
      storage: 'memory',
      allow_direct: true,
      sources: streams.map((name) => ({ name })),
    }),
  );
}

async function untilEmpty({ cluster }: Torment): Promise<void> {
  await asAdmin(cluster.server, async (manager, { streams }) => {
    for (const deadline = Date.now() + EMPTY_MS_MAX; ;) {
      const infos = await Promise.all(streams.map((name) => manager.streams.info(name)));
      const messages = infos.reduce((sum, { state }) => sum + state.messages, 0);
      if (messages === 0) return;
      if (Date.now() > deadline) return void wrong.push(`${messages} messages have not left the log`);
      await sleep(500);
    }
  });
}

/** The archive against what the shards once stored. */
function compare({ cluster }: Torment): Promise<string[]> {
  return asAdmin(cluster.server, async (_manager, _layout, bus) => {
    const tapped = await readStream(bus, TAP);
    const parts = await readStream(bus, STREAMS.archive);
    return tapDifferences(
      tapped,
      parts.flatMap(({ bytes }) => decodePart(bytes).log),
    );
  });
}
