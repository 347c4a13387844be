import { setTimeout as sleep } from 'node:timers/promises';
import { DECIDER, mixedBuilds, newerRuns, openNewerRuns, withOurVersion, WRITES_ONE_TYPE } from '../builds.ts';
import { countEnded, readLogs } from '../evidence.ts';
import { Pace } from '../pace.ts';
import { countedBy, publishAt, Replacing } from '../replacing.ts';
import { shuffled } from '../rounds.ts';
import { LEAVING_SOON, type Disturbances, type Scenario, type Torment } from '../scenario.ts';
import { longestStall } from '../stalls.ts';
import { copyTree } from '../tree-copy.ts';
import { STALL_MS_MAX } from '../verdict.ts';

/** Forward, back and forward again. */
const ROLLS = 3;
/** How long there is nobody who can read the newer version, beside the time that the replacements take. */
const HOLD_S = 10;
/** While a run waits for a build that is not there, nothing can move it: until the third roll has come to its roles. */
const AWAY_MS_MAX = 400_000;

/**
 * So long after the newer build is back everywhere, all that waited has ended: the next offer comes after an eighth of
 * the time that the message has waited, two minutes on a busy machine, and the run goes on behind it.
 */
const RESUMED_MS_MAX = 30_000;

const pace = new Pace();

/**
 * An update as it is not meant: one release reads and writes the newer version at once, and it is rolled back under load.
 * What only the newer build reads waits for it, as long as that takes; all other runs go on.
 */
export const rollBack: Scenario = {
  name: 'roll-back',
  about: 'each process is replaced by one that writes what older ones cannot read, back again, and forward',
  replicas: 2,
  publishMs: 1,
  tormentMs: 600_000,
  absenceMs: AWAY_MS_MAX,
  env: LEAVING_SOON,
  publish: publishAt(pace),
  prepare(folder) {
    copyTree(folder, [WRITES_ONE_TYPE, DECIDER]);
    return Promise.resolve((child) => child);
  },
  async torment(torment) {
    const { cluster, folder, random, log } = torment;
    const children = shuffled(cluster.children, random);
    const replacing = new Replacing(torment, pace, ROLLS * children.length + HOLD_S);
    log('  roll-back: forward');
    await replacing.all(children, folder);
    log('  roll-back: back');
    // Those who write it last: it is written until nobody is left to read it.
    const isWriter = (child: (typeof children)[number]) => child.options.name === 'supervisor';
    await replacing.all([...children.filter((child) => !isWriter(child)), ...children.filter(isWriter)], undefined);
    const { runs, ...held } = await hold(torment, replacing);
    log('  roll-back: forward again');
    await replacing.all(children, folder);
    const held_resumed_ms = await untilEnded(torment, runs);
    return { replaced: replacing.replaced, left: await replacing.left(), ...held, held_resumed_ms };
  },
  asRead: withOurVersion,
  check: ({ logs, disturbances }) => [...mixedBuilds(logs), ...wrongAbout(disturbances), ...slow(logs)],
};

/** The older build alone: what it cannot read waits, what it can goes on. */
async function hold({ cluster }: Torment, replacing: Replacing) {
  const before = { ...(await countedBy(cluster.children)), ended: await countEnded(cluster.server) };
  for (let second = 0; second < HOLD_S; second += 1) {
    replacing.step();
    await sleep(1_000);
  }
  const after = { ...(await countedBy(cluster.children)), ended: await countEnded(cluster.server) };
  const { logs } = await readLogs(cluster.server);
  const runs = openNewerRuns(logs);
  return {
    runs,
    held_runs: runs.length,
    held_left: after.left - before.left,
    held_failures: after.failures - before.failures,
    held_ended: after.ended - before.ended,
  };
}

/** How long runs that waited take until their end, from now on, in ms. */
async function untilEnded({ cluster, isOver }: Torment, runs: readonly string[]): Promise<number> {
  const since = Date.now();
  while (!isOver()) {
    const open = new Set(openNewerRuns((await readLogs(cluster.server)).logs));
    if (!runs.some((run) => open.has(run))) break;
    await sleep(200);
  }
  return Date.now() - since;
}

function wrongAbout(disturbances: Disturbances): string[] {
  const { held_runs = 0, held_left = 0, held_failures = 0, held_ended = 0, held_resumed_ms = 0 } = disturbances;
  return [
    ...(held_resumed_ms <= RESUMED_MS_MAX ? [] : [`runs that waited went on only after ${held_resumed_ms} ms`]),
    ...(held_runs > 0 && held_left > 0 ? [] : ['no run waited for the newer build']),
    ...(held_failures === 0 ? [] : [`${held_failures} failures were counted while messages waited`]),
    ...(held_ended > 0 ? [] : ['no run ended while others waited']),
  ];
}

/** Runs without anything newer have nobody to wait for. */
function slow(logs: Parameters<typeof newerRuns>[0]): string[] {
  const newer = new Set(newerRuns(logs));
  const { ms, where } = longestStall(new Map([...logs].filter(([run]) => !newer.has(run))));
  return ms <= STALL_MS_MAX ? [] : [`a run that every build reads stood still for ${ms} ms ${where}`];
}
