import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';

const KILLS = 5;
const PAUSE_MS_MIN = 4_000;
const PAUSE_MS_MAX = 6_000;

export const server: Scenario = {
  name: 'server',
  about: 'nats-server dies five times, every 4–6 s',
  async torment({ cluster, random, isOver }) {
    let kills = 0;
    while (kills < KILLS && !isOver()) {
      await sleep(PAUSE_MS_MIN + random() * (PAUSE_MS_MAX - PAUSE_MS_MIN));
      await cluster.crashServer();
      kills += 1;
    }
    return { server_kills: kills };
  },
};
