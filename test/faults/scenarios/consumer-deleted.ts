import { setTimeout as sleep } from 'node:timers/promises';
import { connectAs, ensureTopology } from '@troupe/nats';
import { asAdmin, countInHand } from '../evidence.ts';
import { shuffled } from '../rounds.ts';
import type { Scenario, Torment } from '../scenario.ts';

const PAUSE_MS = 4_000;

/**
 * A consumer that is made anew delivers the whole mailbox again, to processes that have just started and know nobody:
 * nothing may be asked or written twice. Only a question that was open when its process died may be asked again, because
 * the other gateway cannot know of it.
 */
export const consumerDeleted: Scenario = {
  name: 'consumer-deleted',
  about: "each role's consumers are made anew under load and its processes are killed, a role every 4 s",
  replicas: 2,
  async torment(torment) {
    const names = torment.cluster.roles
      .filter(({ declaration }) => Object.keys(declaration.consumes).length > 0)
      .map(({ declaration }) => declaration.name);
    const done = { consumers_deleted: 0, in_hand: 0 };
    for (const name of shuffled(names, torment.random)) {
      await sleep(PAUSE_MS);
      if (torment.isOver()) break;
      const { deleted, inHand } = await makeAnew(torment, name);
      done.consumers_deleted += deleted;
      done.in_hand += inHand;
    }
    return done;
  },
  check({ answers, modelCalls = Number.POSITIVE_INFINITY, disturbances }) {
    const inHand = disturbances['in_hand'] ?? 0;
    return modelCalls <= answers + inHand
      ? []
      : [`models were asked ${modelCalls} times for ${answers} answers, with ${inHand} messages in hand at a crash`];
  },
};

/** The role's mailboxes of all shards. Returns how many there are, and how many messages the role had in hand. */
async function makeAnew({ cluster, crash }: Torment, name: string): Promise<{ deleted: number; inHand: number }> {
  const made = await asAdmin(cluster.server, async (manager, { streams }) => {
    const inHand = await countInHand(manager, streams, name);
    for (const child of cluster.children) if (child.options.name === name) crash(child);
    await Promise.all(streams.map((stream) => manager.consumers.delete(stream, name)));
    return { deleted: streams.length, inHand };
  });
  const admin = await connectAs('admin', cluster.server);
  try {
    const declarations = cluster.roles.map(({ declaration }) => declaration);
    await ensureTopology(admin, declarations, { replicas: 1 });
  } finally {
    await admin.nc.close();
  }
  return made;
}
