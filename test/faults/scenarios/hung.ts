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
  async torment({ cluster, random, isOver }) {
    let hangs = 0;
    for (const child of shuffled(cluster.children, random)) {
      const { pid } = child;
      if (isOver()) break;
      if (pid === undefined) continue;
      process.kill(pid, 'SIGSTOP');
      hangs += 1;
      await sleep(HANG_MS);
      // Watched processes that hang for longer are killed by the launcher.
      if (child.pid === pid) process.kill(pid, 'SIGCONT');
      await sleep(PAUSE_MS);
    }
    return { hangs };
  },
};
