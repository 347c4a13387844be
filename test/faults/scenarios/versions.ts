import { ALL_TYPES, DECIDER, mixedBuilds, ofBuild, withOurVersion, WRITES_ONE_TYPE } from '../builds.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { copyTree, type Edit } from '../tree-copy.ts';

/**
 * A rolling update that stays half-way: one process of each role is a newer build, with a newer schema and another
 * decider of the supervisor. Both kinds are killed, so that each finds half-finished steps of the other.
 */
const halfWay = (name: string, what: string, edits: readonly Edit[]): Scenario => ({
  name,
  about: `one process of each role is a newer build, ${what}; one of each role dies every 8 s`,
  replicas: 2,
  prepare(folder) {
    copyTree(folder, edits);
    return Promise.resolve((child, replica) => (replica === 0 ? child : ofBuild(child, folder)));
  },
  torment: async (torment) => ({ role_kills: await inRounds(torment, (child) => torment.crash(child)) }),
  asRead: withOurVersion,
  check: ({ logs }) => [...mixedBuilds(logs)],
});

export const versions = halfWay('versions', 'with newer versions of all messages', [ALL_TYPES, DECIDER]);
export const oneType = halfWay('one-type', 'with a newer version of one message', [WRITES_ONE_TYPE, DECIDER]);
