import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { leaderOf, serversOf, untilWhole } from '../servers.ts';

const KILLS_MAX = 20;
/** One kill for so many runs, up to the most. */
const RUNS_PER_KILL = 10;
/** From one kill to the next, about: away, caught up, and some time in which all is well. */
const ROUND_MS = 11_000;
const AWAY_MS_MIN = 500;
const AWAY_MS_MAX = 4_000;
const WELL_MS = 1_500;
/** A group of copies whose leader dies elects another one after 4 to 9 s, and may need a second round. */
const ELECTION_MS = 10_000;

const killsFor = (runs: number): number => Math.min(KILLS_MAX, Math.ceil(runs / RUNS_PER_KILL));

export const clusterKill: Scenario = {
  name: 'cluster-kill',
  about: 'one of three servers dies, then the next, 20 times; every other time the leader of a log stream',
  servers: 3,
  absenceMs: ELECTION_MS,
  resumeMsMax: ELECTION_MS,
  publishMs: (runs) => killsFor(runs) * ROUND_MS,
  async torment(torment) {
    const { runs, random, isOver, remember, log } = torment;
    const servers = serversOf(torment);
    let [kills, leaders] = [0, 0];
    while (kills < killsFor(runs)) {
      await untilWhole(torment);
      await sleep(random() * WELL_MS);
      if (isOver()) break;
      const leader = await leaderOf(torment, 'RUNS_0');
      const victim = kills % 2 === 0 && leader !== undefined ? leader : Math.floor(random() * servers.members.length);
      remember();
      await servers.members[victim]?.kill();
      kills += 1;
      if (victim === leader) leaders += 1;
      await sleep(AWAY_MS_MIN + random() * (AWAY_MS_MAX - AWAY_MS_MIN));
      await servers.startAgain(victim);
      log(`  server ${victim} died and came back${victim === leader ? '; it led the log' : ''}`);
    }
    return { server_kills: kills, leader_kills: leaders };
  },
  check: ({ disturbances, logs }) =>
    disturbances['server_kills'] === killsFor(logs.size)
      ? []
      : [`${disturbances['server_kills'] ?? 0} servers died; ${killsFor(logs.size)} were to: the runs ended before`],
};
