import { setTimeout as sleep } from 'node:timers/promises';
import { shuffled } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

const HANG_MS = 8_000;
const PAUSE_MS = 1_000;

/** A process that hangs keeps its connection: its work moves on, and when it wakes up it must not write it again. */
export const hung: Scenario = {
  name: 'hung',
  about: 'two processes of each role; one hangs (SIGSTOP) for 8 s, then the next',
  replicas: 2,
  async torment({ cluster, random, isOver, hang }) {
    let hangs = 0;
    for (const child of shuffled(cluster.children, random)) {
      if (isOver()) break;
      if (child.pid === undefined) continue;
      hangs += 1;
      await hang(child, HANG_MS);
      await sleep(PAUSE_MS);
    }
    return { hangs };
  },
};
