import { setTimeout as sleep } from 'node:timers/promises';
import { asAdmin, countInHand } from '../evidence.ts';
import type { Scenario, Torment } from '../scenario.ts';

const OUTAGES = 2;
/** Longer than the ack wait: everything in hand is delivered again. */
const AWAY_MS = 6_000;
const IN_HAND = 1_000;
const LOOK_MS = 100;
const PAUSE_MS = 12_000;

export const reconnect: Scenario = {
  name: 'reconnect',
  about: 'nats-server is away for 6 s, twice, while researchers have 1,000 messages in hand',
  // Two research tasks each, all waiting for their models at once.
  runsMin: IN_HAND / 2,
  publishMs: 3_000,
  absenceMs: AWAY_MS,
  env: { TROUPE_SCRIPTED_LATENCY_MS: '5000', TROUPE_SCRIPTED_JITTER_MS: '0' },
  async torment(torment) {
    let inHand = 0;
    let outages = 0;
    while (outages < OUTAGES && !torment.isOver()) {
      inHand += await untilInHand(torment);
      await torment.cluster.crashServer(AWAY_MS);
      outages += 1;
      // What stood still moves on before the next one.
      await sleep(PAUSE_MS);
    }
    return { outages, in_hand: inHand };
  },
};

/** Waits until the researchers have enough in hand; returns how many. */
async function untilInHand({ cluster, isOver }: Torment): Promise<number> {
  return asAdmin(cluster.server, async (manager, { streams }) => {
    for (;;) {
      const inHand = await countInHand(manager, streams, 'researcher');
      if (inHand >= IN_HAND || isOver()) return inHand;
      await sleep(LOOK_MS);
    }
  });
}
