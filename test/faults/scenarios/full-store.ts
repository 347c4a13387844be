import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@troupe/contract';
import { asAdmin } from '../evidence.ts';
import { LEAVING_SOON, type Scenario, type Torment } from '../scenario.ts';

const TIMES = 3;
const FIRST_MS = 3_000;
const FULL_MS = 4_000;
const ROOM_MS = 5_000;
/** What is left in each stream when they are bounded: a few messages, then every write is refused. */
const LEFT_BYTES = 4_096;

/** A full store refuses writes; senders hold on to what they have and write it when there is room. */
export const fullStore: Scenario = {
  name: 'full-store',
  about: 'the store is full for 4 s, three times; then room is made',
  env: LEAVING_SOON,
  async torment(torment) {
    await sleep(FIRST_MS);
    let times = 0;
    while (times < TIMES && !torment.isOver()) {
      await whileFull(torment);
      times += 1;
      await sleep(ROOM_MS);
    }
    return { times_full: times };
  },
};

async function whileFull({ cluster }: Torment): Promise<void> {
  await asAdmin(cluster.server, async (manager, layout) => {
    const before = new Map<string, number>();
    for (const name of [...layout.streams, STREAMS.goals, STREAMS.timers, STREAMS.archive]) {
      const { config, state } = await manager.streams.info(name);
      before.set(name, config.max_bytes);
      await manager.streams.update(name, { max_bytes: state.bytes + LEFT_BYTES });
    }
    await sleep(FULL_MS);
    for (const [name, max_bytes] of before) await manager.streams.update(name, { max_bytes });
  });
}
