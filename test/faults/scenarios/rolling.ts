import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DECIDER, mixedBuilds, openNewerRuns, READS_ONE_TYPE, withOurVersion, WRITES_ONE_TYPE } from '../builds.ts';
import { readLogs } from '../evidence.ts';
import { Pace } from '../pace.ts';
import { publishAt, Replacing } from '../replacing.ts';
import { shuffled } from '../rounds.ts';
import { LEAVING_SOON, type Scenario, type Torment } from '../scenario.ts';
import { copyTree } from '../tree-copy.ts';

/** The release that reads the newer version, and the one after it, which writes it. */
const READER = 'reader';
const WRITER = 'writer';
/** Forward by one release at a time, and back by one. */
const WAY = [READER, WRITER, READER, undefined];

const pace = new Pace();

/** An update as it is meant: readers before writers, both ways. No process ever meets what it cannot read. */
export const rolling: Scenario = {
  name: 'rolling',
  about:
    'each process is replaced, one after the other: by one that reads a newer version, by one that writes it, and back',
  replicas: 2,
  publishMs: 1,
  tormentMs: 600_000,
  env: LEAVING_SOON,
  publish: publishAt(pace),
  prepare(folder) {
    copyTree(join(folder, READER), [READS_ONE_TYPE]);
    copyTree(join(folder, WRITER), [WRITES_ONE_TYPE, DECIDER]);
    return Promise.resolve((child) => child);
  },
  async torment(torment) {
    const { cluster, folder, random, log } = torment;
    const replacing = new Replacing(torment, pace, WAY.length * cluster.children.length);
    for (const build of WAY) {
      if (build === undefined) await untilAllAreReadable(torment);
      log(`  rolling: to the ${build ?? 'older'} build`);
      await replacing.all(shuffled(cluster.children, random), build && join(folder, build));
    }
    return { replaced: replacing.replaced, left: await replacing.left() };
  },
  asRead: withOurVersion,
  check: ({ logs, disturbances: { left } }) => [
    ...mixedBuilds(logs),
    ...(left === 0 ? [] : [`${left} times a message was left to another build`]),
  ],
};

/** Nobody writes the newer version any more; what holds it has to end before those come back that cannot read it. */
async function untilAllAreReadable({ cluster, isOver }: Torment): Promise<void> {
  while (!isOver()) {
    const { logs } = await readLogs(cluster.server);
    if (openNewerRuns(logs).length === 0) return;
    await sleep(500);
  }
}
