import { setTimeout as sleep } from 'node:timers/promises';
import { shuffled } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { serversOf, untilWhole } from '../servers.ts';

const TIMES = 4;
const RUNS_PER_TIME = 10;
/** Longer than the ack wait, and shorter than a client takes to leave a silent server. */
const STOPPED_MS = 6_000;
/** From one time to the next, about. */
const ROUND_MS = 22_000;
const WELL_MS = 2_000;
/** When they are back, they may have to elect: 4 to 9 s, and perhaps a second round. */
const ELECTION_MS = 10_000;
/** What a leader took in that was deposed then is not answered: it is asked again after so long. */
const UNANSWERED_MS = 5_000;

const timesFor = (runs: number): number => Math.min(TIMES, Math.ceil(runs / RUNS_PER_TIME));

export const clusterPartition: Scenario = {
  name: 'cluster-partition',
  about: 'two of three servers stop (SIGSTOP) for 6 s, four times: nobody may decide anything meanwhile',
  servers: 3,
  absenceMs: STOPPED_MS + ELECTION_MS,
  resumeMsMax: ELECTION_MS + UNANSWERED_MS,
  publishMs: (runs) => timesFor(runs) * ROUND_MS,
  async torment(torment) {
    const { runs, random, isOver, remember } = torment;
    const servers = serversOf(torment);
    let times = 0;
    while (times < timesFor(runs)) {
      await untilWhole(torment);
      await sleep(random() * WELL_MS);
      if (isOver()) break;
      const stopped = shuffled(servers.members, random).slice(1);
      for (const { pid } of stopped) process.kill(pid, 'SIGSTOP');
      await sleep(STOPPED_MS);
      for (const { pid } of stopped) process.kill(pid, 'SIGCONT');
      remember();
      times += 1;
    }
    return { partitions: times };
  },
};
